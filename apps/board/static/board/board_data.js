// The whole board from one compact JSON (`board_data.py` says what stands where), decoded once.

const FACETS = ["family", "width", "recipe", "precision", "device", "origin"];
const HOLE = "\0";

export async function loadBoard(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return decode(await answer.json());
}

export function decode(packed) {
  const rows = packed.rows.map((row, index) => decodeRow(row, index, packed.families));
  const columns = packed.columns.map((column) => decodeColumn(column, rows));
  const byKey = new Map(columns.flatMap((column) => [[column.key, column], ...(column.short ? [[column.short, column]] : [])]));
  const usual = packed.usual.map((key) => byKey.get(key));
  return { columns, byKey, usual, texts: packed.texts, facets: FACETS, rows };
}

function decodeRow([model, short, family, recipe, precision, width], index, families) {
  const familyTitle = families[family];
  return {
    index,
    model,
    short,
    family,
    familyTitle,
    recipe,
    precision,
    width: Number(width),
    search: `${model} ${short} ${familyTitle}`.toLowerCase(),
    facets: { family: [family], width: [width], recipe: [recipe], precision: [precision], device: [], origin: [] },
  };
}

/** With `numbers`, the value of each row, and `places`, where each row's cell stands in the lists; holes for no value. */
function decodeColumn(column, rows) {
  const { count, gap, text, value } = column.cells;
  const [numbers, places] = [new Array(rows.length), new Array(rows.length)];
  const origin = originOf(column);
  for (let place = 0, at = -1; place < count; place += 1) {
    at += 1 + entry(gap, place);
    numbers[at] = entry(value, place) ?? Number(entry(text, place).replaceAll(",", ""));
    places[at] = place;
    const { facets } = rows[at];
    if (column.device && !facets.device.includes(column.device)) facets.device.push(column.device);
    if (!facets.origin.includes(origin)) facets.origin.push(origin);
  }
  return { ...column, numbers, places };
}

/** Of a list, or of what stands for a list with the same entry throughout. */
const entry = (list, place) => (Array.isArray(list) ? list[place] : list);

export function originOf(column) {
  return column.measured ? "measured" : "published";
}

/** A row's value; undefined where it is missing. */
export function value(row, column) {
  return column.numbers[row.index];
}

export function cellOf(board, row, column) {
  const place = column.places[row.index];
  if (place === undefined) return null;
  const of = (field) => entry(column.cells[field], place);
  const textOf = (field) => board.texts[of(field)] ?? "";
  const [by, id] = [of("by"), of("id")];
  const numbers = column.cells.numbers.map((list) => entry(list, place));
  return {
    number: value(row, column),
    text: of("text"),
    by,
    href: by === "P" ? `/api/v1/results/${id}/` : `/runs/${id}`,
    source: textOf("source").replaceAll(HOLE, () => numbers.shift()),
    halfWidth: textOf("half_width"),
    copied: textOf("copied"),
    flags: textOf("flags").split("; ").filter(Boolean),
  };
}

// The whole board from one compact JSON (`board_data.py` says what stands where), decoded once.

const FACETS = ["family", "width", "recipe", "precision", "device", "origin"];

export async function loadBoard(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return decode(await answer.json());
}

export function decode(packed) {
  const columns = packed.columns.map((column, index) => ({ ...column, index }));
  const byKey = new Map(columns.flatMap((column) => [[column.key, column], ...(column.short ? [[column.short, column]] : [])]));
  const usual = packed.usual.map((key) => byKey.get(key));
  return { columns, byKey, usual, texts: packed.texts, facets: FACETS, rows: packed.rows.map((row) => decodeRow(row, columns)) };
}

function decodeRow([model, short, family, familyTitle, recipe, precision, width, cells], columns) {
  const filled = columns.filter((column) => cells[column.index]);
  const device = [...new Set(filled.map((column) => column.device).filter(Boolean))];
  const origin = [...new Set(filled.map(originOf))];
  return {
    model,
    short,
    family,
    familyTitle,
    recipe,
    precision,
    width: Number(width),
    cells,
    search: `${model} ${short} ${familyTitle}`.toLowerCase(),
    facets: { family: [family], width: [width], recipe: [recipe], precision: [precision], device, origin },
  };
}

export function originOf(column) {
  return column.measured ? "measured" : "published";
}

/** A row's value; undefined where it is missing. */
export function value(row, column) {
  return row.cells[column.index]?.[0];
}

export function cellOf(board, row, column) {
  const cell = row.cells[column.index];
  if (!cell) return null;
  const [number, text, source, by, id, halfWidth, copied, ...flags] = cell;
  return {
    number,
    text,
    by,
    href: by === "P" ? `/api/v1/results/${id}/` : `/runs/${id}`,
    source: board.texts[source] ?? "",
    halfWidth: board.texts[halfWidth] ?? "",
    copied: board.texts[copied] ?? "",
    flags: flags.map((flag) => board.texts[flag]),
  };
}

// The table, drawn as the server draws it.

import { cellOf, value } from "./board_data.js";

const STEPS = 5;
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);
const hidden = (text) => `<span class="visually-hidden">${escaped(text)}</span>`;

/** `address(changes)` gives the page's address with some parameters changed; null takes one out. */
export function drawTable(table, { board, query, page, kept, front, beatenBy, canTick, address }) {
  const ticked = new Set([...table.querySelectorAll("input:checked")].map((box) => box.value));
  const shades = new Map(query.columns.map((column) => [column, shading(kept, column)]));
  const rows = page.rows.map((row) => {
    const cells = query.columns.map((column) => drawCell(board, row, column, shades.get(column))).join("");
    return `${drawHead(row, { query, front, beatenBy, canTick, isTicked: ticked.has(row.model) })}${cells}</tr>`;
  });
  const none = `<tr><td colspan="99">No model fits these filters. <a href="?">Show all models</a></td></tr>`;
  table.tBodies[0].innerHTML = rows.join("") || none;
  const head = drawColumns(query, address);
  if (table.tHead.dataset.drawn !== head) {
    table.tHead.innerHTML = head;
    table.tHead.dataset.drawn = head;
  }
}

/** The step from the best of the column: 0 the best itself, 5 the farthest; null where there is nothing to compare. */
function shading(rows, column) {
  const values = rows.map((row) => value(row, column)).filter((each) => each !== undefined);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(low < high)) return () => null;
  const scale = column.direction === "min" && low > 0 ? Math.log : (number) => number;
  const [best, worst] = column.direction === "min" ? [low, high] : [high, low];
  return (number) => {
    const distance = Math.abs(scale(number) - scale(best)) / Math.abs(scale(worst) - scale(best));
    return distance ? Math.min(STEPS, 1 + Math.floor(distance * STEPS)) : 0;
  };
}

function drawHead(row, { query, front, beatenBy, canTick, isTicked }) {
  const name = escaped(row.model);
  const isOn = front.has(row.model);
  const beaten = beatenBy.get(row.model);
  const classes = [isOn && "on-front", query.selected.includes(row.model) && "is-selected"].filter(Boolean).join(" ");
  const box = `<input type="checkbox" name="models" value="${name}" form="campaign-form" aria-label="Measure ${name}"${isTicked ? " checked" : ""}>`;
  const mark = isOn
    ? `<span class="front-mark" title="On the Pareto front of the chart">${hidden("on the Pareto front")}</span>`
    : beaten
      ? hidden(`beaten by ${beaten}`)
      : "";
  const title = beaten ? ` title="Beaten by ${escaped(beaten)}"` : "";
  const link = `<a href="/models/${encodeURIComponent(row.model)}">${name.replaceAll("_", "_<wbr>")}</a>`;
  return `<tr data-model="${name}" class="${classes}"><th class="model" scope="row"${title}><span class="model-name">${canTick ? box : ""}${link}${mark}</span></th>`;
}

function drawCell(board, row, column, shade) {
  const cell = cellOf(board, row, column);
  if (!cell) return `<td class="number none"><span aria-hidden="true">—</span>${hidden("no value")}</td>`;
  const step = shade(cell.number);
  const title = `${column.label}: ${`${cell.text} ${column.unit}`.trim()}, ${cell.source}`;
  const classes = ["number", cell.by === "P" ? "is-published" : "is-run"];
  if (step !== null) classes.push(`step-${step}`);
  if (step === 0) classes.push("is-best");
  if (cell.copied) classes.push("is-copied");
  const flagged = cell.flags.join("; ");
  const many = cell.flags.length > 1 ? cell.flags.length : "";
  const flags = flagged && `<span class="cell-flag" title="${escaped(flagged)}">!${many}${hidden(flagged)}</span>`;
  const copied = cell.copied
    ? `<span class="copied" title="The same number as ${escaped(cell.copied)}: same architecture, copied, not measured">=${hidden(`copied from ${cell.copied}`)}</span>`
    : "";
  const best = step === 0 ? hidden(", best of the column") : "";
  const interval = cell.halfWidth ? ` <span class="interval">${escaped(cell.halfWidth)}</span>` : "";
  const by = { P: "published", R: "run", U: "run, unvetted" }[cell.by];
  return `<td class="${classes.join(" ")}">${flags}${copied}<a class="value" href="${cell.href}" title="${escaped(title)}">${escaped(cell.text)}${best}</a>${interval}<span class="origin">${cell.by}${hidden(by)}</span></td>`;
}

function drawColumns(query, address) {
  const groups = [];
  for (const column of query.columns) {
    if (groups.at(-1)?.title === column.group && groups.at(-1).measured === column.measured) groups.at(-1).span += 1;
    else groups.push({ title: column.group, measured: column.measured, span: 1 });
  }
  const sorted = (isSorted) => (isSorted ? ` aria-sort="${query.descending ? "descending" : "ascending"}"` : "");
  const nameSort = address({ sort: query.byName && !query.descending ? "-model" : "model", page: null });
  const model = `<th class="model" rowspan="2" scope="col"${sorted(query.byName)}><a class="sort" href="${escaped(nameSort)}">Model</a></th>`;
  const titles = groups.map(
    ({ title, measured, span }) =>
      `<th class="group${measured ? " is-measured" : ""}" colspan="${span}" scope="colgroup">${escaped(title)}</th>`,
  );
  const heads = query.columns.map((column) => {
    const isSorted = query.sort === column;
    const isNextDescending = isSorted ? !query.descending : column.direction === "max";
    const href = address({ sort: `${isNextDescending ? "-" : ""}${column.key}`, page: null });
    const protocol = column.protocol ? `<span class="protocol">${escaped(column.protocol)}</span>` : "";
    const unit = column.unit ? `<span class="unit">${escaped(column.unit)}</span>` : "";
    return `<th class="number${column.measured ? " is-measured" : ""}" scope="col" data-key="${escaped(column.key)}" title="${escaped(column.help)}"${sorted(isSorted)}><a class="sort" href="${escaped(href)}">${escaped(column.metric)}${protocol}${unit}</a></th>`;
  });
  return `<tr>${model}${titles.join("")}</tr><tr>${heads.join("")}</tr>`;
}

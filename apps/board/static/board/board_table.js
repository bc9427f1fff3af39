// The table, drawn as the server draws it.

import { cellOf, value } from "./board_data.js";

const STEPS = 5;
const MOST_KNOWN = 500;
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);
const hidden = (text) => `<span class="visually-hidden">${escaped(text)}</span>`;

/** `address(changes)` gives the page's address with some parameters changed; null takes one out. */
export function drawTable(table, { board, query, page, kept, front, beatenBy, canTick, address }) {
  const ticked = new Set([...table.querySelectorAll("input:checked")].map((box) => box.value));
  const shades = new Map(query.columns.map((column) => [column, shading(kept, column)]));
  const [body] = table.tBodies;
  if (known.size > MOST_KNOWN) known.clear();
  for (const row of body.rows) known.set(row.dataset.model, row);
  const rows = page.rows.map((row) => {
    const head = drawHead(row, { query, front, beatenBy, canTick, isTicked: ticked.has(row.model) });
    const cells = query.columns.map((column) => drawCell(board, row, column, shades.get(column)));
    return updateRow(known.get(row.model), row.model, head, cells);
  });
  placeRows(body, rows.length ? rows : [noRow()]);
  const head = drawColumns(query, address);
  if (table.tHead.dataset.drawn !== head) {
    table.tHead.innerHTML = head;
    table.tHead.dataset.drawn = head;
  }
}

/** Rows by model, those too that a filter took out: who drags a slider back gets them as they were. */
const known = new Map();

/** A row that there is is changed where it says or looks otherwise now: most of a table costs no new layout then. */
function updateRow(element, model, head, cells) {
  const row = element?.cells.length === cells.length + 1 ? element : newRow(model, [head, ...cells]);
  row.className = head.rowClasses;
  row.cells[0].title = head.title;
  setMarkup(row.cells[0], head.markup);
  cells.forEach(({ classes, markup }, index) => {
    const cell = row.cells[index + 1];
    if (cell.className !== classes) cell.className = classes;
    setMarkup(cell, markup);
  });
  return row;
}

const markups = new WeakMap();

function setMarkup(element, markup) {
  if ((markups.get(element) ?? element.innerHTML) !== markup) element.innerHTML = markup;
  markups.set(element, markup);
}

function newRow(model, [head, ...cells]) {
  const row = document.createElement("tr");
  row.dataset.model = model;
  const others = cells.map(({ classes, markup }) => `<td class="${classes}">${markup}</td>`);
  row.innerHTML = `<th class="model" scope="row">${head.markup}</th>${others.join("")}`;
  [head, ...cells].forEach(({ markup }, index) => markups.set(row.cells[index], markup));
  return row;
}

function noRow() {
  const row = document.createElement("tr");
  row.innerHTML = `<td colspan="99">No model fits these filters. <a href="?">Show all models</a></td>`;
  return row;
}

/** What stays where it is is not touched. */
function placeRows(body, rows) {
  const wanted = new Set(rows);
  for (const row of [...body.rows]) if (!wanted.has(row)) row.remove();
  let next = body.firstElementChild;
  for (const row of rows) {
    if (row === next) next = next.nextElementSibling;
    else body.insertBefore(row, next);
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
  const title = beaten ? `Beaten by ${beaten}` : "";
  const link = `<a href="/models/${encodeURIComponent(row.model)}">${name.replaceAll("_", "_<wbr>")}</a>`;
  return { rowClasses: classes, title, markup: `<span class="model-name">${canTick ? box : ""}${link}${mark}</span>` };
}

const NO_CELL = { classes: "number none", markup: `<abbr title="no value">—</abbr>` };

/** What a cell says does not change with the filters, except that it is the best. */
const said = new WeakMap();

function drawCell(board, row, column, shade) {
  const number = value(row, column);
  if (number === undefined) return NO_CELL;
  const step = shade(number);
  if (!said.has(column)) said.set(column, []);
  const cells = said.get(column);
  const cell = step === 0 ? sayCell(board, row, column, true) : (cells[row.index] ??= sayCell(board, row, column, false));
  return step === null ? cell : { classes: `${cell.classes} step-${step}`, markup: cell.markup };
}

function sayCell(board, row, column, isBest) {
  const cell = cellOf(board, row, column);
  const title = `${column.label}: ${`${cell.text} ${column.unit}`.trim()}, ${cell.source}`;
  const classes = ["number", cell.by === "P" ? "is-published" : "is-run"];
  if (isBest) classes.push("is-best");
  if (cell.copied) classes.push("is-copied");
  const flagged = cell.flags.join("; ");
  const many = cell.flags.length > 1 ? cell.flags.length : "";
  const flags = flagged && `<span class="cell-flag" title="${escaped(flagged)}">!${many}${hidden(flagged)}</span>`;
  const copied = cell.copied
    ? `<span class="copied" title="The same number as ${escaped(cell.copied)}: same architecture, copied, not measured">=${hidden(`copied from ${cell.copied}`)}</span>`
    : "";
  const best = isBest ? hidden(", best of the column") : "";
  const interval = cell.halfWidth ? ` <span class="interval">${escaped(cell.halfWidth)}</span>` : "";
  const by = { P: "published", R: "run", U: "run, unvetted" }[cell.by];
  const markup = `${flags}${copied}<a class="value" href="${cell.href}" title="${escaped(title)}">${escaped(cell.text)}${best}</a>${interval}<abbr class="origin" title="${by}">${cell.by}</abbr>`;
  return { classes: classes.join(" "), markup };
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

// What an address asks of the board, answered as the server answers it: the same rows, counts, order and front.

import { originOf, value } from "./board_data.js";

const PAGE_ROWS = 100;

export function readQuery(params, board) {
  const column = (name) => board.byKey.get(params.get(name) ?? "") ?? null;
  const sort = params.get("sort") ?? "";
  const facets = Object.fromEntries(board.facets.map((key) => [key, new Set(list(params, key))]));
  const asked = list(params, "columns").map((key) => board.byKey.get(key)).filter(Boolean);
  const suiting = (asked.length ? asked : board.usual).filter((each) => suits(each, facets));
  return {
    facets,
    words: (params.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean),
    bounds: bounds(params, board),
    columns: suiting.length ? suiting : asked.length ? asked : board.usual,
    sort: board.byKey.get(sort.replace(/^-/, "")) ?? null,
    byName: sort.replace(/^-/, "") === "model",
    descending: sort.startsWith("-"),
    pareto: list(params, "pareto").map((key) => board.byKey.get(key)).filter(Boolean),
    x: column("x"),
    y: column("y"),
    size: column("size"),
    selected: list(params, "select"),
    page: Math.max(1, Number(params.get("page")) || 1),
  };
}

function list(params, name) {
  return (params.get(name) ?? "").split(",").filter(Boolean);
}

function suits(column, facets) {
  const ofDevice = !facets.device.size || !column.device || facets.device.has(column.device);
  return ofDevice && (!facets.origin.size || facets.origin.has(originOf(column)));
}

function bounds(params, board) {
  const found = [];
  for (const [name, text] of params) {
    const column = /^(min|max)\./.test(name) && board.byKey.get(name.slice(4));
    const number = Number(text);
    if (column && text && Number.isFinite(number)) found.push({ column, isLow: name.startsWith("min"), number });
  }
  return found;
}

function isWithin(row, { column, isLow, number }) {
  const found = value(row, column);
  return found !== undefined && (isLow ? found >= number : found <= number);
}

const isChosen = (values, chosen) => !chosen.size || values.some((each) => chosen.has(each));

/** The rows that the query keeps, in its order, and for each facet's value how many it would leave. */
export function answer(query, board) {
  const counts = Object.fromEntries(board.facets.map((key) => [key, new Map()]));
  const kept = [];
  for (const row of board.rows) {
    if (!query.words.every((word) => row.search.includes(word))) continue;
    if (!query.bounds.every((bound) => isWithin(row, bound))) continue;
    const failed = board.facets.filter((key) => !isChosen(row.facets[key], query.facets[key]));
    if (!failed.length) kept.push(row);
    for (const key of failed.length ? (failed.length === 1 ? failed : []) : board.facets)
      for (const each of row.facets[key]) counts[key].set(each, (counts[key].get(each) ?? 0) + 1);
  }
  return { kept: sorted(kept, query), counts };
}

function sorted(rows, query) {
  const sign = query.descending ? -1 : 1;
  if (query.byName) return [...rows].sort((a, b) => (a.model < b.model ? -sign : sign));
  if (!query.sort) return rows;
  const column = query.sort;
  const has = rows.filter((row) => value(row, column) !== undefined);
  const lacks = rows.filter((row) => value(row, column) === undefined);
  return [...has.sort((a, b) => sign * (value(a, column) - value(b, column))), ...lacks];
}

/**
 * The Pareto front of rows that have every objective: `front` the models that none beats, `beatenBy` for the others
 * the model on the front that does. Equal rows stand or fall together.
 */
export function paretoFront(rows, objectives) {
  const front = new Set();
  const beatenBy = new Map();
  if (!objectives.length) return { front, beatenBy };
  const signs = objectives.map((column) => (column.direction === "min" ? 1 : -1));
  const points = [];
  for (const row of rows) {
    const costs = objectives.map((column, index) => signs[index] * (value(row, column) ?? NaN));
    if (!costs.some(Number.isNaN)) points.push({ row, costs });
  }
  // In this order only an earlier point can beat a later one; sorting is stable, so equals keep the rows' order.
  points.sort(byCosts);
  const leaders = [];
  for (const point of points) {
    const winner = objectives.length === 2 ? leaders.at(-1) : leaders.find((leader) => isNoWorse(leader, point));
    if (winner && isNoWorse(winner, point) && !isEqual(winner, point)) {
      beatenBy.set(point.row.model, winner.row.model);
      continue;
    }
    front.add(point.row.model);
    if (!winner || !isEqual(winner, point)) leaders.push(point);
  }
  return { front, beatenBy };
}

function byCosts(one, other) {
  const index = one.costs.findIndex((cost, position) => cost !== other.costs[position]);
  return index < 0 ? 0 : one.costs[index] - other.costs[index];
}

const isNoWorse = (one, other) => one.costs.every((cost, index) => cost <= other.costs[index]);
const isEqual = (one, other) => one.costs.every((cost, index) => cost === other.costs[index]);

export function pageOf(rows, page) {
  const last = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const number = Math.min(page, last);
  const start = (number - 1) * PAGE_ROWS;
  return { number, last, start, rows: rows.slice(start, start + PAGE_ROWS) };
}

// The chart follows the filters at once: its rows are replaced in place. What the server alone can do, place labels and
// draw other axes, follows when the filters rest.

import { cellOf, value } from "./board_data.js";

const drawn = new Map();
const MOST_SELECTED = 8;

/** Whoever draws a chart (core/chart.js) says so by an event; this keeps the view of each canvas. */
export function followChart({ onDrawn, onPoint, onPick, onZoom }) {
  const plot = document.querySelector("[data-plot]");
  if (!plot) return;
  const take = (canvas) => {
    const { view, spec } = canvas.chart;
    drawn.set(canvas, { view, spec, given: new Map() });
    canvas.removeAttribute("aria-busy");
    view.addEventListener("mouseover", (_, item) => onPoint(item?.datum?.model ?? null));
    view.addEventListener("mouseout", () => onPoint(null));
    brush(plot, canvas, { onPick, onZoom });
    onDrawn();
  };
  plot.addEventListener("chart:drawn", (event) => take(event.target));
  for (const canvas of plot.querySelectorAll("[data-drawn]")) take(canvas);
}

const canvases = () => [...document.querySelectorAll("[data-plot] .chart-canvas")];
const visible = () => canvases().find((canvas) => canvas.offsetParent !== null);
const textOf = (canvas) => document.getElementById(canvas.dataset.spec);

/** While Vega is on its way the server's picture stands there and says what was asked before; `onDrawn` catches up. */
export function updateChart({ board, query, kept, axes, isRested }) {
  const canvas = visible();
  const chart = drawn.get(canvas);
  if (!chart) canvas?.setAttribute("aria-busy", "true");
  if (!chart || !axes.x || !axes.y) return;
  const { spec } = chart;
  const { marks, axes: limits, models } = spec.usermeta;
  const usable = kept.filter((row) => isUsable(row, axes.x, limits.x) && isUsable(row, axes.y, limits.y));
  const front = axes.front(usable);
  const inside = limits.zoomed ? usable.filter((row) => isInside(row, axes.x, limits.x) && isInside(row, axes.y, limits.y)) : usable;
  const largest = axes.size ? Math.max(...board.rows.map((row) => value(row, axes.size) ?? 0)) : 0;
  const context = { board, axes, marks, largest, front };
  const names = new Set(inside.map((row) => row.model));
  const isSame = names.size === models.length && models.every((name) => names.has(name));
  const labels = spec.datasets.labels.filter((label) => (label.model ? names.has(label.model) : isSame || isRested));
  replacePoints(chart, inside, context);
  give(chart, "series", series(usable).map((row) => ({ ...position(row, axes), family_title: row.familyTitle, width_multiplier: row.width })));
  give(chart, "front", staircase(usable.filter((row) => front.has(row.model)), axes, limits.x));
  give(chart, "labels", labels);
  give(chart, "marked", inside.filter((row) => query.selected.includes(row.model)).map((row) => drawPoint(row, context)));
  chart.view.runAsync();
}

/** Vega draws everything anew that it is given, so it is given what it does not have. */
function give(chart, name, rows) {
  const text = JSON.stringify(rows);
  if (chart.given.get(name) === text) return;
  chart.given.set(name, text);
  chart.view.data(name, rows);
}

/** Of very many points few change at a step of a slider; Vega draws only those anew that are told to it. */
function replacePoints(chart, rows, context) {
  const before = chart.points ?? new Map(chart.view.data("points").map((tuple) => [tuple.model, tuple]));
  chart.points = new Map(rows.map((row) => {
    const old = before.get(row.model);
    const mark = markOf(row, context);
    const isSame = old?.on_front === mark.on_front && old.area_px === mark.area_px;
    return [row.model, isSame ? old : drawPoint(row, context)];
  }));
  const isGone = (tuple) => chart.points.get(tuple.model) !== tuple;
  const added = [...chart.points.values()].filter((tuple) => before.get(tuple.model) !== tuple);
  chart.view.change("points", chart.view.changeset().remove(isGone).insert(added));
}

/** Ring around one more model, or around the selected ones alone. */
export function pointAt(board, axes, rows) {
  const chart = drawn.get(visible());
  if (!chart || !axes.x || !axes.y) return;
  const { marks, axes: limits } = chart.spec.usermeta;
  const has = rows.filter((row) => isInside(row, axes.x, limits.x) && isInside(row, axes.y, limits.y));
  const largest = axes.size ? Math.max(...board.rows.map((row) => value(row, axes.size) ?? 0)) : 0;
  give(chart, "marked", has.map((row) => drawPoint(row, { board, axes, marks, largest, front: new Set() })));
  chart.view.runAsync();
}

/** Draw what the server answered: other labels only, or a chart of other axes. */
export function replaceChart(answer, isRedrawn) {
  const specs = [answer.spec, answer.narrow.spec];
  for (const [index, canvas] of canvases().entries()) {
    const spec = specs[index];
    textOf(canvas).textContent = JSON.stringify(spec);
    const chart = drawn.get(canvas);
    if (isRedrawn || !chart) {
      drawn.delete(canvas);
      canvas.dispatchEvent(new CustomEvent("chart:redraw", { bubbles: true }));
    } else chart.spec = spec;
  }
  const caption = document.querySelector("[data-plot] figcaption");
  if (caption) caption.textContent = answer.summary;
}

const isUsable = (row, column, { scale }) => {
  const number = value(row, column);
  return number !== undefined && (scale !== "log" || number > 0);
};
const isInside = (row, column, { domain: [low, high] }) => value(row, column) >= low && value(row, column) <= high;
const position = (row, { x, y }) => ({ x: value(row, x), y: value(row, y) });

/** What a filter may change of a point. */
function markOf(row, { axes, marks, largest, front }) {
  const isBase = row.recipe === "plain" && row.precision === "fp32";
  const isOn = front.has(row.model);
  let area = isOn ? marks.front : marks.point;
  if (axes.size) area = Math.max(marks.smallest, largest > 0 ? (Math.max(0, value(row, axes.size) ?? 0) / largest) * marks.largest : 0);
  return { on_front: isOn, is_base: isBase, area_px: area * (isBase ? 1 : marks.special) };
}

function drawPoint(row, context) {
  const { board, axes } = context;
  const text = (column) => {
    const cell = column && cellOf(board, row, column);
    return cell ? `${cell.text} ${column.unit}`.trim() + ` (${cell.source.split("; ")[0].replace(/\.$/, "")})` : "no value";
  };
  const flags = [axes.x, axes.y].flatMap((column) => cellOf(board, row, column)?.flags ?? []);
  return {
    model: row.model,
    family_title: row.familyTitle,
    recipe: row.recipe,
    precision: row.precision,
    ...position(row, axes),
    x_text: text(axes.x),
    y_text: text(axes.y),
    size_text: text(axes.size),
    flags: flags.join(", "),
    ...markOf(row, context),
  };
}

/** One row per family and width, the shortest name of each, as `scatter_frame.py` joins them. */
function series(rows) {
  const base = rows.filter((row) => row.recipe === "plain" && row.precision === "fp32");
  const seen = new Map();
  for (const row of base) {
    const key = `${row.family} ${row.width}`;
    if (!seen.has(key) || row.model.length < seen.get(key).model.length) seen.set(key, row);
  }
  return [...seen.values()];
}

function staircase(rows, axes, { direction, domain }) {
  const steps = rows.map((row) => position(row, axes)).sort((a, b) => a.x - b.x);
  if (!steps.length) return [];
  if (direction === "min") return [...steps, { x: domain[1], y: steps.at(-1).y }];
  return [{ x: domain[0], y: steps[0].y }, ...steps];
}

/** Drag a rectangle to zoom; a click without a drag picks the point out. */
function brush(plot, canvas, { onPick, onZoom }) {
  const svg = canvas.querySelector("svg");
  const box = plot.querySelector("[data-brush]");
  const { view } = drawn.get(canvas);
  plot.classList.add("is-zoomable");
  view.addEventListener("click", (_, item) => item?.datum?.model && onPick(item.datum.model));
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    const start = [event.clientX, event.clientY];
    const toPlot = plotted(svg, view);
    const move = ({ clientX, clientY }) => showBrush(box, plot, start, [clientX, clientY]);
    const end = ({ clientX, clientY }) => {
      removeEventListener("pointermove", move);
      box.hidden = true;
      if (Math.hypot(clientX - start[0], clientY - start[1]) > 8) onZoom(zoomOf(view, toPlot(...start), toPlot(clientX, clientY)));
    };
    event.preventDefault();
    addEventListener("pointermove", move);
    addEventListener("pointerup", end, { once: true });
  });
}

function showBrush(box, plot, [x0, y0], [x1, y1]) {
  const { left, top } = plot.getBoundingClientRect();
  box.hidden = false;
  box.style.left = `${Math.min(x0, x1) - left}px`;
  box.style.top = `${Math.min(y0, y1) - top}px`;
  box.style.width = `${Math.abs(x1 - x0)}px`;
  box.style.height = `${Math.abs(y1 - y0)}px`;
}

/** From the screen to the plot's own pixels, however large the SVG is drawn. */
function plotted(svg, view) {
  const { left, top, width } = svg.getBoundingClientRect();
  const scale = width / svg.viewBox.baseVal.width;
  const [x, y] = view.origin();
  const within = (number, most) => Math.min(most, Math.max(0, number));
  return (clientX, clientY) => [
    within((clientX - left) / scale - x, view.width()),
    within((clientY - top) / scale - y, view.height()),
  ];
}

function zoomOf(view, [x0, y0], [x1, y1]) {
  const [x, y] = [view.scale("x"), view.scale("y")];
  return writtenZoom([x.invert(Math.min(x0, x1)), x.invert(Math.max(x0, x1)), y.invert(Math.max(y0, y1)), y.invert(Math.min(y0, y1))]);
}

const writtenZoom = (numbers) => numbers.map((number) => Number(number.toPrecision(4))).join(",");

/** The visible part made smaller or larger about its middle, whether Vega has drawn it yet or not. */
export function zoomedBy(factor) {
  const canvas = visible();
  if (!canvas) return "";
  const { x, y } = JSON.parse(textOf(canvas).textContent).usermeta.axes;
  return writtenZoom([x, y].flatMap((axis) => stretched(axis, factor)));
}

function stretched({ scale, domain }, factor) {
  const [to, from] = scale === "log" ? [Math.log, Math.exp] : [Number, Number];
  const [low, high] = domain.map(to);
  const [middle, half] = [(low + high) / 2, (factor * (high - low)) / 2];
  return [from(middle - half), from(middle + half)];
}

export const picked = (selected, model) =>
  selected.includes(model) ? selected.filter((name) => name !== model) : [...selected, model].slice(-MOST_SELECTED);

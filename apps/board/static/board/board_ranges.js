// A slider with two thumbs and a histogram above each pair of number fields. The fields are what counts; the slider
// only fills them in.

import { value } from "./board_data.js";

const STEPS = 100;
const BINS = 24;
const SVG = "http://www.w3.org/2000/svg";

export function makeSliders(form, board) {
  const ranges = [];
  for (const element of form.querySelectorAll("[data-range]")) {
    const column = board.byKey.get(element.dataset.range);
    if (!column) continue;
    whenOpen(element, () => {
      const values = board.rows.map((row) => value(row, column)).filter((each) => each !== undefined);
      if (new Set(values).size < 2) return;
      const update = makeSlider(element, column, values);
      ranges.push(update);
      update();
    });
  }
  return () => ranges.forEach((update) => update());
}

/** At once, or when the part that holds the element is unfolded: most sliders are never looked at. */
function whenOpen(element, then) {
  const closed = element.closest("details:not([open])");
  if (!closed) return then();
  closed.addEventListener("toggle", () => whenOpen(element, then), { once: true });
}

function makeSlider(element, column, values) {
  const place = element.querySelector("[data-slider]");
  const [low, high] = element.querySelectorAll("input[type=number]");
  const scale = scaleOf(column, values);
  const bars = drawHistogram(place, values.map(scale.position));
  const label = element.querySelector("legend").textContent.trim();
  const thumbs = [low, high].map((field, side) => {
    const thumb = document.createElement("input");
    Object.assign(thumb, { type: "range", min: 0, max: STEPS, step: 1 });
    thumb.setAttribute("aria-label", `${label}, ${side ? "at most" : "at least"}`);
    thumb.addEventListener("input", (event) => {
      event.stopPropagation();
      keepApart(thumbs, side);
      const isOpen = Number(thumb.value) === (side ? STEPS : 0);
      field.value = isOpen ? "" : scale.value(Number(thumb.value));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    place.append(thumb);
    return thumb;
  });
  place.hidden = false;
  return () => {
    const ends = [low, high].map((field, side) => (field.value === "" ? side * STEPS : scale.position(Number(field.value))));
    thumbs.forEach((thumb, side) => {
      if (document.activeElement !== thumb) thumb.value = Math.round(ends[side]);
      thumb.setAttribute("aria-valuetext", [low, high][side].value || (side ? "no upper bound" : "no lower bound"));
    });
    bars.forEach((bar, index) => {
      const middle = ((index + 0.5) / BINS) * STEPS;
      bar.classList.toggle("is-in", middle >= ends[0] && middle <= ends[1]);
    });
  };
}

function keepApart(thumbs, side) {
  const [low, high] = thumbs.map((thumb) => Number(thumb.value));
  if (low > high) thumbs[side].value = thumbs[1 - side].value;
}

/** Values that should be small differ by factors: there a step of the slider is a ratio. */
function scaleOf(column, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLog = column.direction === "min" && least > 0;
  const [to, from] = isLog ? [Math.log, Math.exp] : [Number, Number];
  const [start, length] = [to(least), to(most) - to(least)];
  const position = (number) => Math.min(STEPS, Math.max(0, ((to(Math.max(number, isLog ? least : number)) - start) / length) * STEPS));
  return { position, value: (at) => Number(from(start + (at / STEPS) * length).toPrecision(3)) };
}

function drawHistogram(place, positions) {
  const counts = new Array(BINS).fill(0);
  for (const at of positions) counts[Math.min(BINS - 1, Math.floor((at / STEPS) * BINS))] += 1;
  const most = Math.max(...counts);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${BINS} 10`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const bars = counts.map((count, index) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = count ? Math.max(1, (count / most) * 10) : 0;
    for (const [name, number] of Object.entries({ x: index + 0.08, y: 10 - height, width: 0.84, height })) bar.setAttribute(name, number);
    svg.append(bar);
    return bar;
  });
  place.append(svg);
  return bars;
}

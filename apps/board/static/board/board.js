// The board: filters, table, chart and address move together. Without this module its form and links do the same.

import { fillForm, makeHistory, readForm, written } from "./board_address.js";
import { followChart, picked, pointAt, replaceChart, updateChart, zoomedBy } from "./board_chart.js";
import { offerCopies } from "./board_copy.js";
import { loadBoard } from "./board_data.js";
import { answer, pageOf, paretoFront, readQuery } from "./board_query.js";
import { makeSliders } from "./board_ranges.js";
import { drawTable } from "./board_table.js";
import "./board_words.js";

const form = document.getElementById("board-form");
const table = document.querySelector("[data-table] table");
const DRAWN_BY_SERVER = ["x", "y", "size", "xscale", "yscale", "zoom"];

class Page {
  constructor(board) {
    this.board = board;
    this.updateSliders = makeSliders(form, board);
    this.kept = fillForm(form, new URLSearchParams(location.search), board);
    this.columns = this.kept.get("columns");
    this.picture = this.pictureOf(this.params());
    this.remember = makeHistory();
    this.canTick = Boolean(document.getElementById("campaign-form"));
  }

  params() {
    return readForm(form, this.kept);
  }

  pictureOf(params) {
    return DRAWN_BY_SERVER.map((name) => params.get(name) ?? "").join(" ");
  }

  /** The page's address with some parameters changed; null takes one out. `now` is for whoever has just read the form. */
  address(changes, now = this.params()) {
    const params = new URLSearchParams(now);
    for (const [name, text] of Object.entries(changes)) text === null ? params.delete(name) : params.set(name, text);
    return written(params);
  }

  /** Answer what the form and the kept parameters ask, at once; the address and the server's part follow. */
  show({ isNew = true } = {}) {
    const params = this.params();
    const query = readQuery(params, this.board);
    const { kept, counts } = answer(query, this.board);
    this.query = query;
    this.axes = this.axesOf(query);
    const objectives = query.pareto.length ? query.pareto : [this.axes.y, this.axes.x].filter(Boolean);
    const { front, beatenBy } = paretoFront(kept, objectives);
    const page = pageOf(kept, query.page);
    this.keptRows = kept;
    // First, since it asks which chart is displayed: after the table changed, the browser would lay that out for the answer.
    this.showInChart();
    const address = (changes) => this.address(changes, params);
    drawTable(table, { board: this.board, query, page, kept, front, beatenBy, canTick: this.canTick, address });
    this.showCounts(counts, page, kept.length, params);
    this.updateSliders();
    if (isNew) this.remember(params, () => this.askServer());
  }

  /** The rows of the table, where the chart that is drawn has the right axes; nothing while the server's rows stand. */
  showInChart({ isRested = false } = {}) {
    const { board, query, keptRows: kept, axes } = this;
    if (kept && this.pictureOf(this.params()) === this.picture) updateChart({ board, query, kept, axes, isRested });
  }

  axesOf(query) {
    const usual = (name) => this.board.byKey.get(form.elements[name]?.value ?? "") ?? null;
    const [x, y] = [query.x ?? usual("x"), query.y ?? usual("y")];
    return { x, y, size: query.size, front: (rows) => paretoFront(rows, [y, x]).front };
  }

  showCounts(counts, page, total, params) {
    for (const output of form.querySelectorAll("[data-count]")) {
      const [facet, choice] = output.dataset.count.split(/=(.*)/s);
      output.value = counts[facet].get(choice) ?? 0;
      output.classList.toggle("is-zero", output.value === "0");
    }
    const all = this.board.rows.length;
    const some = total === all ? `all ${all} models` : `${total} of ${all} models`;
    const part = `models ${page.start + 1} to ${page.start + page.rows.length} of ${total}`;
    document.querySelector("[data-shown]").textContent = page.last > 1 ? part : some;
    for (const [name, number] of [["previous", page.number - 1], ["next", page.number + 1]]) {
      const link = document.querySelector(`[data-page=${name}]`);
      link.hidden = number < 1 || number > page.last;
      link.href = this.address({ page: number > 1 ? String(number) : null }, params);
    }
    document.querySelector("[data-pages]").hidden = page.last === 1;
    const active = new Set([...params.keys()].filter((name) => /^(min|max)\./.test(name) || name === "q" || this.board.facets.includes(name)));
    form.querySelector("[data-active]").textContent = active.size ? `${active.size} active` : "";
  }

  /** Labels that fit what is shown now, or a chart of other axes. */
  async askServer() {
    this.updateLinks();
    const asked = written(this.params());
    const answered = await fetch(this.address({ format: "vega", page: null }));
    if (!answered.ok || asked !== written(this.params())) return;
    const picture = this.pictureOf(this.params());
    replaceChart(await answered.json(), picture !== this.picture);
    this.showInChart({ isRested: true });
    this.picture = picture;
  }

  updateLinks() {
    const params = this.params();
    for (const link of document.querySelectorAll("[data-format]")) link.href = this.address({ format: link.dataset.format, page: null }, params);
    const whole = document.querySelector("[data-unzoom]");
    whole.hidden = !this.kept.get("zoom");
    whole.href = this.address({ zoom: null }, params);
    const here = written(params);
    for (const link of document.querySelectorAll(".presets a")) {
      if (written(new URLSearchParams(link.search)) === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** Go where a link of this page leads; columns are the server's, so another choice of them loads the page. */
  follow(search) {
    const params = new URLSearchParams(search);
    if ((params.get("columns") ?? "") !== this.columns) return location.assign(written(params));
    this.kept = fillForm(form, params, this.board);
    return this.show();
  }

  keep(name, text) {
    this.kept.set(name, text);
    this.showSoon();
  }

  /** Once a frame, however many events a dragged slider sends. */
  showSoon() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.show();
    });
  }

  restore() {
    if ((new URLSearchParams(location.search).get("columns") ?? "") !== this.columns) return location.reload();
    this.kept = fillForm(form, new URLSearchParams(location.search), this.board);
    this.show({ isNew: false });
    return this.askServer();
  }
}

function listen(page) {
  form.addEventListener("input", () => page.keep("page", ""));
  form.addEventListener("submit", (event) => event.preventDefault());
  // Fields beside the chart belong to the form and do not stand in it.
  document.querySelector(".chart-tools")?.addEventListener("input", () => page.keep("zoom", ""));
  document.querySelector("main").addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="?"], a[data-page], a[data-reset], a[data-unzoom], a.sort');
    if (!link || link.dataset.format || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    page.follow(link.search);
  });
  document.querySelector("[data-columns]").addEventListener("submit", (event) => {
    event.preventDefault();
    const keys = [...event.target.querySelectorAll("[name=columns]:checked")].map((box) => box.value);
    location.assign(page.address({ columns: keys.join(",") || null, page: null }));
  });
  for (const button of document.querySelectorAll("[data-zoom-by]"))
    button.addEventListener("click", () => page.keep("zoom", zoomedBy(Number(button.dataset.zoomBy))));
  addEventListener("popstate", () => page.restore());
}

function listenBetweenTableAndChart(page) {
  const rowOf = (model) => page.board.rows.find((row) => row.model === model);
  const ring = (model) => pointAt(page.board, page.axes, [...page.query.selected, model].filter(Boolean).map(rowOf).filter(Boolean));
  let pointed = null;
  const fromTable = (event) => {
    const model = event.target.closest("tr[data-model]")?.dataset.model ?? null;
    if (model !== pointed) ring((pointed = model));
  };
  table.addEventListener("pointerover", fromTable);
  table.addEventListener("focusin", fromTable);
  table.addEventListener("pointerleave", () => ring((pointed = null)));
  followChart({
    onDrawn: () => {
      page.showInChart();
      if (pointed) ring(pointed);
    },
    onPoint: (model) => {
      for (const row of table.querySelectorAll(".is-pointed")) row.classList.remove("is-pointed");
      if (model) table.querySelector(`tr[data-model="${CSS.escape(model)}"]`)?.classList.add("is-pointed");
    },
    onPick: (model) => page.keep("select", picked(page.query.selected, model).join(",")),
    onZoom: (zoom) => page.keep("zoom", zoom),
  });
}

async function start() {
  document.documentElement.classList.add("has-js");
  if (matchMedia("(max-width: 68rem)").matches) form.querySelector("[data-filters]").open = false;
  const page = new Page(await loadBoard(form.dataset.rows));
  page.query = readQuery(page.params(), page.board);
  page.axes = page.axesOf(page.query);
  page.updateSliders();
  listen(page);
  listenBetweenTableAndChart(page);
  for (const part of document.querySelectorAll("[data-zoom], [data-zoom-help]")) part.hidden = false;
  offerCopies(document.querySelector(".board-chart") ?? document, {
    address: () => new URL(written(page.params()), location.href).href,
    image: () => page.address({ format: "png", page: null }),
  });
  form.dataset.ready = "";
}

if (form && table) start().catch((error) => console.error("The board stays as the server made it:", error));

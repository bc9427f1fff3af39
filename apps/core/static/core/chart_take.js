// Takes a chart away: its address, or itself as SVG or PNG, in light colours and with its source, the day and the address
// on it.
//
//   <section><figure class="chart">…</figure> <li hidden><button data-take="svg" data-source="Source: …">SVG</button></li>
//
// A section has one chart, whose markup `core/chart.js` describes. Without this module the buttons stay hidden.

const OPTIONS = { actions: false, ast: true, defaultStyle: false, renderer: "svg", tooltip: false };
const PAPER = "#ffffff";
const LETTER_PX = 6;
const PNG_SCALE = 2;
const SAID_FOR_MS = 2000;

/** Vega breaks no subtitle by itself. */
function wrapped(text, width) {
  const most = Math.floor(width / LETTER_PX);
  return text.split(" ").reduce((lines, word) => {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : "";
    return longer && longer.length <= most ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, []);
}

function signed(spec, source, width) {
  const line = `${source}. zooboard, ${new Date().toISOString().slice(0, 10)}, ${address()}`;
  const title = typeof spec.title === "string" ? { text: spec.title } : spec.title;
  const subtitle = [title.subtitle ?? [], wrapped(line, width)].flat();
  return { ...spec, background: PAPER, config: { ...spec.config, background: PAPER }, title: { ...title, subtitle } };
}

const address = () => location.href.split("#")[0];

async function picture(canvas, source, kind) {
  const spec = JSON.parse(document.getElementById(canvas.dataset.spec).textContent);
  const width = canvas.querySelector("svg").viewBox.baseVal.width;
  await import(canvas.closest(".chart").dataset.vega);
  const { view } = await window.vegaEmbed(document.createElement("div"), signed(spec, source, width), OPTIONS);
  try {
    if (kind === "svg") return new Blob([await view.toSVG()], { type: "image/svg+xml" });
    const drawn = await view.toCanvas(PNG_SCALE);
    return await new Promise((resolve) => drawn.toBlob(resolve));
  } finally {
    view.finalize();
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The clipboard takes the promise of an image: Safari would forget the click while it is drawn. */
const takes = {
  link: () => navigator.clipboard.writeText(address()),
  image: (canvas, source) => navigator.clipboard.write([new ClipboardItem({ "image/png": picture(canvas, source, "png") })]),
  svg: async (canvas, source) => save(await picture(canvas, source, "svg"), `zooboard-${canvas.dataset.spec}.svg`),
  png: async (canvas, source) => save(await picture(canvas, source, "png"), `zooboard-${canvas.dataset.spec}.png`),
};

const chartBeside = (button) =>
  [...button.closest("section").querySelectorAll(".chart-canvas")].find((canvas) => canvas.offsetParent);

/** Browsers give the clipboard to pages of https and of this machine alone. */
function offer() {
  for (const button of document.querySelectorAll("[data-take]"))
    button.closest("li").hidden = !window.isSecureContext && ["link", "image"].includes(button.dataset.take);
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-take]");
  if (!button) return;
  const { take, source } = button.dataset;
  const label = (button.dataset.label ??= button.textContent);
  try {
    await takes[take](chartBeside(button), source);
    button.textContent = ["link", "image"].includes(take) ? "Copied" : "Saved";
  } catch {
    button.textContent = "Not allowed here";
  }
  setTimeout(() => (button.textContent = label), SAID_FOR_MS);
});
document.addEventListener("htmx:afterSettle", offer);
offer();

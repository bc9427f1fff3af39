// Replaces the server's SVG of each chart by an interactive one, drawn by Vega from the spec beside it.
//
//   <figure class="chart" data-vega="URL of the Vega bundle">
//     <div class="chart-canvas" data-spec="id of the json_script"><svg>…</svg></div>
//   </figure>
//
// The two look alike, and Vega holds a phone up for seconds. So the bundle is loaded, and a chart drawn, once somebody
// uses the page and the chart is near what they see. One that is not displayed (the wide one on a phone) or that fails
// to draw keeps its SVG. One that is drawn has its `{view, spec}` as the property `chart` and sends `chart:drawn`; a
// page that has changed the spec sends it `chart:redraw`.

const OPTIONS = {
  actions: false,
  ast: true, // the interpreter: a strict Content-Security-Policy forbids generated code
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};
const NEAR = "200px";
const LITTLE_PX = 12;
const USES = ["pointerover", "click", "focusin", "input"];

/** The same spec with every colour of its palette named by a CSS custom property, so that it follows the theme. */
function withThemeColours(spec) {
  const variables = spec.usermeta?.cssVariables ?? {};
  return JSON.parse(JSON.stringify(spec), (key, value) =>
    typeof value === "string" && value in variables ? `var(${variables[value]}, ${value})` : value,
  );
}

async function draw(canvas) {
  const spec = JSON.parse(document.getElementById(canvas.dataset.spec).textContent);
  const drawing = (canvas.drawing = {});
  await import(canvas.closest(".chart").dataset.vega);
  const target = document.createElement("div");
  target.className = "vega-embed";
  const { view } = await window.vegaEmbed(target, withThemeColours(spec), OPTIONS);
  if (canvas.drawing !== drawing) return view.finalize(); // A later spec came in between.
  const svg = target.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", spec.description ?? "Chart");
  keepPlace(canvas.querySelector(":scope > svg"), svg);
  // Marks of which there are none have a role and no name.
  for (const none of svg.querySelectorAll("g[role=graphics-symbol]:empty"))
    for (const name of ["role", "aria-roledescription"]) none.removeAttribute(name);
  canvas.chart?.view.finalize();
  canvas.replaceChildren(target);
  canvas.chart = { view, spec };
  canvas.dataset.drawn = "";
  canvas.dispatchEvent(new CustomEvent("chart:drawn", { bubbles: true }));
}

/** A server that knows other fonts makes its picture a little larger or smaller: nothing on the page shall move for that. */
function keepPlace(before, svg) {
  if (!before) return;
  const { width, height } = svg.viewBox.baseVal;
  const place = before.viewBox.baseVal;
  const isNear = Math.abs(place.width - width) <= LITTLE_PX && Math.abs(place.height - height) <= LITTLE_PX;
  if (isNear) for (const name of ["width", "height", "viewBox"]) svg.setAttribute(name, before.getAttribute(name));
}

function tryDraw(canvas) {
  seen.unobserve(canvas);
  draw(canvas).catch((error) => console.error("The chart stays as the server drew it:", error));
}

// What is not displayed never comes into view.
const seen = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => tryDraw(entry.target)),
  { rootMargin: NEAR },
);

function watch() {
  for (const canvas of document.querySelectorAll(".chart-canvas[data-spec]:not([data-drawn])")) seen.observe(canvas);
}

/** A finger that only scrolls by asks for nothing; a mouse is about to. */
function wake(event) {
  if (event.type === "pointerover" && event.pointerType === "touch") return;
  for (const use of USES) document.removeEventListener(use, wake, true);
  document.addEventListener("htmx:afterSettle", watch);
  watch();
}

document.addEventListener("chart:redraw", ({ target: canvas }) => {
  delete canvas.dataset.drawn;
  seen.unobserve(canvas);
  seen.observe(canvas);
});
for (const use of USES) document.addEventListener(use, wake, true);

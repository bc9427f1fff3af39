// Replaces the server's SVG of each chart by an interactive one, drawn by Vega from the spec beside it.
//
//   <figure class="chart" data-vega="URL of the Vega bundle">
//     <div class="chart-canvas" data-spec="id of the json_script"><svg>…</svg></div>
//   </figure>
//
// A chart that is not displayed (the wide one on a phone) or that fails to draw keeps its SVG.

const OPTIONS = {
  actions: false,
  ast: true, // the interpreter: a strict Content-Security-Policy forbids generated code
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};

/** The same spec with every colour of its palette named by a CSS custom property, so that it follows the theme. */
function withThemeColours(spec) {
  const variables = spec.usermeta?.cssVariables ?? {};
  return JSON.parse(JSON.stringify(spec), (key, value) =>
    typeof value === "string" && value in variables ? `var(${variables[value]}, ${value})` : value,
  );
}

async function draw(canvas, vegaUrl) {
  const spec = JSON.parse(document.getElementById(canvas.dataset.spec).textContent);
  await import(vegaUrl);
  const target = document.createElement("div");
  target.className = "vega-embed";
  const drawing = await window.vegaEmbed(target, withThemeColours(spec), OPTIONS);
  const svg = target.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", spec.description ?? "Chart");
  canvas.replaceChildren(target);
  canvas.dataset.drawn = "";
  return drawing;
}

function drawVisible() {
  for (const canvas of document.querySelectorAll(".chart-canvas[data-spec]:not([data-drawn])")) {
    if (canvas.offsetParent === null) continue;
    const { vega } = canvas.closest(".chart").dataset;
    draw(canvas, vega).catch((error) => console.error("The chart stays as the server drew it:", error));
  }
}

drawVisible();
matchMedia("(max-width: 40rem)").addEventListener("change", drawVisible);
document.addEventListener("htmx:afterSettle", drawVisible);

// What the table says of a value or a model in words, and how many models are ticked for a campaign.

const provenance = document.querySelector("[data-provenance]");
const idleText = provenance?.textContent;

/** The sentence that a value carries as its title, shown to those who use a keyboard or a finger, too. */
function showProvenance(event) {
  const cell = event.target.closest?.("td.number, th.model");
  const model = cell?.parentElement.querySelector(".model-name a")?.textContent;
  const isModel = cell?.matches("th.model");
  const title = isModel ? cell.title || (cell.querySelector(".front-mark") && "On the Pareto front") : cell?.querySelector(".value")?.title;
  if (model && title) provenance.textContent = `${model}: ${title}`;
}

const table = document.querySelector(".board");
if (table && provenance) {
  table.addEventListener("pointerover", showProvenance);
  table.addEventListener("focusin", showProvenance);
  table.addEventListener("pointerleave", () => {
    provenance.textContent = idleText;
  });
}

const form = document.getElementById("campaign-form");
if (form) {
  const count = form.querySelector("[data-ticked]");
  const all = form.querySelector("[data-tick-all]");
  const boxes = () => [...document.querySelectorAll('input[name="models"][form="campaign-form"]')];
  const tell = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    count.value = ticked ? `${ticked} of ${boxes().length} models ticked.` : "Tick models in the table above.";
  };
  all.hidden = false;
  all.addEventListener("click", () => {
    for (const box of boxes()) box.checked = true;
    tell();
  });
  document.addEventListener("change", tell);
  tell();
}

// Copies the line that enrols an agent. Without it the line can be marked and copied by hand.

/** The old way works over plain http, too, where browsers keep the clipboard from scripts. */
async function copy(element) {
  if (navigator.clipboard) return navigator.clipboard.writeText(element.textContent);
  getSelection().selectAllChildren(element);
  if (!document.execCommand("copy")) throw new Error("not copied");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await copy(document.getElementById(button.dataset.copy));
      button.textContent = "Copied";
    } catch {
      button.textContent = "Mark the line to copy it";
    }
  });
}

// Takes the board away: its address, or its chart as an image.

/** `address()` is that of the page, `image()` that of the chart as a PNG. */
export function offerCopies(root, { address, image }) {
  const status = root.querySelector("[data-status]");
  const takes = {
    link: () => navigator.clipboard.writeText(address()),
    image: () => navigator.clipboard.write([new ClipboardItem({ "image/png": fetched(image()) })]),
  };
  for (const button of root.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      try {
        await takes[button.dataset.copy]();
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not allowed here";
      }
      status.textContent = button.textContent;
      setTimeout(() => (button.textContent = label), 2000);
    });
  }
  // Browsers give the clipboard to pages of https and of this machine alone.
  for (const item of root.querySelectorAll("[data-js]")) item.hidden = !window.isSecureContext;
}

async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.blob();
}

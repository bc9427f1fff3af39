// Parts that htmx replaces keep what the visitor did to them: how far a log is scrolled, which details are open.
// A log that is at its end stays at its end.

const AT_THE_END_PX = 8;
const tails = new Map();
const open = new Set();

const logs = () => document.querySelectorAll("[data-tail]");

function toTheEnd(log) {
  log.scrollTop = log.scrollHeight;
}

document.addEventListener("htmx:beforeSwap", () => {
  for (const log of logs()) {
    const left = log.scrollHeight - log.clientHeight - log.scrollTop;
    tails.set(log.id, left <= AT_THE_END_PX ? null : log.scrollTop);
  }
  open.clear();
  for (const details of document.querySelectorAll("details[open][id]")) open.add(details.id);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const log of logs()) {
    const top = tails.get(log.id) ?? null;
    if (top === null) toTheEnd(log);
    else log.scrollTop = top;
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});

for (const log of logs()) toTheEnd(log);

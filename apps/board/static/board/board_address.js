// The address is the state: what the filters, the selects and the links say, short, without what goes without saying.

const KEPT = ["columns", "sort", "pareto", "select", "zoom"];
const REST_MS = 250;

/** Parameters of the form and those that it does not show, as one address. */
export function readForm(form, kept) {
  const params = new URLSearchParams();
  for (const name of KEPT) if (kept.get(name)) params.set(name, kept.get(name));
  const ticked = new Map();
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit" || field.value === field.dataset.usual) continue;
    if (field.type === "checkbox") {
      if (field.checked) ticked.set(field.name, [...(ticked.get(field.name) ?? []), field.value]);
    } else if (field.value.trim()) params.set(field.name, field.value.trim());
  }
  for (const [name, values] of ticked) params.set(name, values.join(","));
  if (kept.get("page") && kept.get("page") !== "1") params.set("page", kept.get("page"));
  return params;
}

/** The other way round: an address, with short keys of columns too, into the form. */
export function fillForm(form, params, board) {
  const full = new URLSearchParams();
  for (const [name, text] of params) {
    const bound = /^(min|max)\.(.+)$/.exec(name);
    full.set(bound ? `${bound[1]}.${board.byKey.get(bound[2])?.key ?? bound[2]}` : name, text);
  }
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden") continue;
    const text = full.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = text.split(",").includes(field.value);
    else if (field.tagName === "SELECT") field.value = board.byKey.get(text)?.key ?? (text || field.dataset.usual || "");
    else field.value = text;
  }
  return new Map([...KEPT, "page"].map((name) => [name, full.get(name) ?? ""]));
}

export function written(params) {
  const text = params.toString().replaceAll("%2C", ",");
  return text ? `?${text}` : location.pathname;
}

/** Puts an address into the history once it has rested, so that a dragged slider is one step back and not a hundred. */
export function makeHistory() {
  let timer = 0;
  return (params, then) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const address = written(params);
      if (address !== (location.search || location.pathname)) history.pushState(null, "", address);
      then();
    }, REST_MS);
  };
}

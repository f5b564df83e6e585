// Carries what is typed over to the same page in another language: within this tab, for one load,
// at once. What stands in a field for secrets is never carried, nor in one that may hold some
// (`data-secret`).

const NAME = "typed";
const LONGEST_MS = 60_000;
const SECRET = ["password", "hidden", "file", "submit", "button"];

take();

/** Keeps what is typed for the page at that address. */
export function keep(address) {
  const fields = [...carried()].map(([key, field]) => [key, field.value, field.checked]);
  store(JSON.stringify({ address, at: Date.now(), fields }));
}

/** Gives every field of the page's forms that is carried, with what it is known by. */
function* carried() {
  const seen = new Map();
  for (const form of document.querySelectorAll("main form[method=post]")) {
    for (const field of form.elements) {
      if (!field.name || SECRET.includes(field.type) || field.localName === "fieldset") continue;
      if (field.closest("[data-secret]")) continue;
      const isBox = field.type === "checkbox" || field.type === "radio";
      const words = [form.getAttribute("action"), field.name, isBox ? field.value : ""];
      const place = words.join("\n");
      const count = seen.get(place) ?? 0;
      seen.set(place, count + 1);
      yield [`${place}\n${count}`, field];
    }
  }
}

/** Puts what was kept for this page into its fields, once. */
function take() {
  const kept = JSON.parse(stored() ?? "null");
  store(null);
  const isHere = kept?.address === location.pathname + location.search;
  if (!isHere || Date.now() - kept.at > LONGEST_MS) return;
  const typed = new Map(kept.fields.map(([key, ...rest]) => [key, rest]));
  for (const [key, field] of carried()) {
    if (typed.has(key)) fill(field, ...typed.get(key));
  }
}

function fill(field, value, checked) {
  const isSame = field.value === value && (field.checked ?? false) === (checked ?? false);
  if (isSame) return;
  field.value = value;
  if (checked !== undefined && checked !== null) field.checked = checked;
  const group = field.closest("details");
  if (group) group.open = true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// A browser may be told to keep nothing; then there is nothing to carry.
function stored() {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

function store(text) {
  try {
    if (text === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, text);
  } catch {
    // See above.
  }
}

// Keys for everything that has no button of its own: / searches, g and a letter goes to a room,
// j and k walk through the rows of a table, ? shows them all.

let goes = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = goes ? go(event.key) : acts[event.key];
  goes = !goes && event.key === "g";
  if (act) {
    event.preventDefault();
    act();
  }
});

const acts = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
  j: () => walk(1),
  k: () => walk(-1),
};

function go(key) {
  const link = [...document.querySelectorAll(".rooms a")].find((each) => each.dataset.key === key);
  return link && (() => link.click());
}

// Moves the focus to the first link of the next or previous row.
function walk(step) {
  const links = [...document.querySelectorAll("tbody tr")]
    .map((row) => row.querySelector("a[href], button"))
    .filter((link) => link && link.offsetParent !== null);
  if (links.length === 0) return;
  const row = document.activeElement.closest("tbody tr");
  const here = links.findIndex((link) => row?.contains(link));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  links[Math.min(Math.max(next, 0), links.length - 1)].focus();
}

function isTyping(target) {
  return target.matches("input, textarea, select, [contenteditable]");
}

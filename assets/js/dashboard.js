// Keeps the dashboard up to date: when a request ends, sessions change or a breaker opens, the parts
// that change are fetched again, at most once in two seconds, and not while nobody looks.

const PAUSE = 2000;
const address = document.querySelector("[data-present]")?.dataset.present;
const fresh = document.querySelector("[data-fresh]");
let waiting = false;
let missed = false;
let last = 0;

for (const name of ["row", "sessions", "breaker", "more", "reset"]) {
  document.addEventListener(`switchyard:${name}`, () => {
    // The first request of all: from now on there is something to show.
    if (fresh && name === "row") location.reload();
    else if (address) soon();
  });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && missed) soon();
});

function soon() {
  if (document.hidden) {
    missed = true;
    return;
  }
  if (waiting) return;
  waiting = true;
  setTimeout(refresh, Math.max(0, last + PAUSE - Date.now()));
}

async function refresh() {
  missed = false;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html", "x-fragment": "1" } });
    // Where the login has ended, the page itself will say so when it is used.
    if (answer.ok) put(await answer.text());
  } catch {
    // The network is gone; the next event tries again.
  }
  last = Date.now();
  waiting = false;
}

function put(text) {
  const made = new DOMParser().parseFromString(text, "text/html");
  for (const part of made.querySelectorAll("[data-part]")) {
    const shown = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!shown || shown.innerHTML.trim() === part.innerHTML.trim()) continue;
    // Nothing is moved away under somebody's hand or keyboard; the next event tries again.
    const used = part.dataset.part !== "figures" && shown.matches(":hover");
    if (used || shown.contains(document.activeElement)) continue;
    shown.replaceChildren(...part.childNodes);
  }
}

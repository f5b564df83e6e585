// Keeps the dashboard up to date: when a request ends, sessions change or a breaker opens, the parts
// that change are fetched again: at once after a rest, and not while nobody looks. While much happens
// the pause between two fetches is short enough that a request is seen within a second of its end,
// and as long as the last one took at least, so that a busy server is not asked all the time.

const PAUSE = 500;
// After a fetch that failed.
const LONG_PAUSE = 5000;
const address = document.querySelector("[data-present]")?.dataset.present;
const fresh = document.querySelector("[data-fresh]");
let timer = 0;
let busy = false;
// Something has happened since what is shown was asked for.
let missed = false;
// A part is older than what was fetched, because somebody was using it.
let kept = false;
let next = 0;

for (const name of ["row", "sessions", "breaker", "more", "reset"]) {
  document.addEventListener(`switchyard:${name}`, () => {
    // The first request of all: from now on there is something to show.
    if (fresh && name === "row") location.reload();
    else if (address) soon();
  });
}

function again() {
  if (!document.hidden && (missed || kept)) soon();
}

document.addEventListener("visibilitychange", again);
for (const part of document.querySelectorAll("[data-part], .health")) {
  part.addEventListener("pointerleave", again);
  part.addEventListener("focusout", () => setTimeout(again));
}

function soon() {
  missed = true;
  if (document.hidden || busy || timer) return;
  timer = setTimeout(refresh, Math.max(0, next - Date.now()));
}

async function refresh() {
  const began = Date.now();
  timer = 0;
  busy = true;
  missed = false;
  kept = false;
  let failed = false;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html", "x-fragment": "1" } });
    if (answer.ok) put(await answer.text());
    // Where the login has ended, the page itself will say so when it is used.
    failed = !answer.ok && answer.status !== 401;
  } catch {
    failed = true;
  }
  busy = false;
  next = Date.now() + Math.max(failed ? LONG_PAUSE : PAUSE, Date.now() - began);
  missed ||= failed;
  // What happened in the meantime may have come too late for this answer.
  if (missed) soon();
}

function put(text) {
  const made = new DOMParser().parseFromString(text, "text/html");
  for (const part of made.querySelectorAll("[data-part], .health")) {
    const { part: name } = part.dataset;
    const shown = document.querySelector(name ? `[data-part="${name}"]` : ".health");
    if (!shown || shown.innerHTML.trim() === part.innerHTML.trim()) continue;
    // Nothing is moved away under somebody's hand or keyboard: it waits until they leave.
    const used = name !== "figures" && shown.matches(":hover");
    if (used || shown.contains(document.activeElement)) {
      kept = true;
      continue;
    }
    shown.replaceChildren(...part.childNodes);
  }
}

// Follows the live stream while the page can be seen, and tells the page what happens as DOM events
// on the document: switchyard:row, :sessions, :breaker, :more, :reset, with the data in `detail`.
// A list that wants certain rows alone says the address of their stream: `data-live-address`.
// Without this file a page shows what was so when it was loaded.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
// After a refusal for want of a place, as the server asks.
const REFUSED_WAIT = 10_000;

const address = document.querySelector("[data-live-address]")?.dataset.liveAddress ?? "/live";
const sign = document.querySelector("[data-live-state]");
let source = null;
let place = sign?.dataset.liveSince ?? "";
let wait = FIRST_WAIT;
let timer = 0;
let ended = false;
let refused = false;

function open() {
  if (source || ended || document.hidden) return;
  clearTimeout(timer);
  if (!refused) show("connecting");
  const behind = address.includes("?") ? "&" : "?";
  source = new EventSource(`${address}${behind}last-event-id=${encodeURIComponent(place)}`);
  source.onopen = () => {
    wait = FIRST_WAIT;
    refused = false;
    show("open");
  };
  source.onerror = lost;
  source.addEventListener("place", remember);
  for (const name of ["row", "sessions", "breaker", "more", "reset"]) {
    source.addEventListener(name, (event) => {
      remember(event);
      const detail = JSON.parse(event.data);
      document.dispatchEvent(new CustomEvent(`switchyard:${name}`, { detail }));
    });
  }
}

function remember(event) {
  if (event.lastEventId) place = event.lastEventId;
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

// The browser would open the stream again by itself, but not after a refusal, and without patience.
async function lost() {
  close();
  if (!refused) show("lost");
  again(wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
  const why = await refusal();
  // The stream may be there again, or the page hidden.
  if (source || document.hidden) return;
  ended = why === "ended";
  refused = why === "full" || why === "person";
  if (ended) close();
  if (refused) again(REFUSED_WAIT);
  show(why || "lost");
}

function again(pause) {
  clearTimeout(timer);
  timer = setTimeout(open, pause * (0.5 + Math.random() / 2));
}

// An EventSource does not tell why it was refused: the login has ended, or all places are taken.
async function refusal() {
  const look = new AbortController();
  try {
    const answer = await fetch("/live", {
      headers: { accept: "text/event-stream", "x-fragment": "1" },
      signal: look.signal,
    });
    if (answer.status === 401) return "ended";
    if (answer.status !== 503) return "";
    const { reason } = await answer.json();
    return reason === "full" || reason === "person" ? reason : "";
  } catch {
    return "";
  } finally {
    look.abort();
  }
}

function show(state) {
  if (!sign) return;
  const colours = { open: "good", lost: "warn", full: "warn", person: "warn", ended: "bad" };
  sign.dataset.liveState = state;
  sign.classList.remove("good", "warn", "bad", "unknown");
  sign.classList.add(colours[state] ?? "unknown");
  sign.textContent = sign.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`] ?? state;
  sign.hidden = false;
}

function follow() {
  if (document.hidden) {
    close();
    if (!ended) show("paused");
  } else {
    wait = FIRST_WAIT;
    open();
  }
}

document.addEventListener("visibilitychange", follow);
addEventListener("pageshow", follow);
addEventListener("pagehide", close);
follow();

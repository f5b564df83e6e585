// Follows the live stream while the page can be seen, and tells the page what happens as DOM events
// on the document: switchyard:row, :sessions, :breaker, :more, :reset, with the data in `detail`.
// Without this file a page shows what was so when it was loaded.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

const sign = document.querySelector("[data-live-state]");
let source = null;
let place = sign?.dataset.liveSince ?? "";
let wait = FIRST_WAIT;
let timer = 0;
let ended = false;

function open() {
  if (source || ended || document.hidden) return;
  clearTimeout(timer);
  show("connecting");
  source = new EventSource(`/live?last-event-id=${encodeURIComponent(place)}`);
  source.onopen = () => {
    wait = FIRST_WAIT;
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
  show("lost");
  const pause = wait * (0.5 + Math.random() / 2);
  wait = Math.min(wait * 2, LONGEST_WAIT);
  timer = setTimeout(open, pause);
  if (await isLoggedOut()) {
    ended = true;
    close();
    show("ended");
  }
}

// An EventSource does not tell why it was refused.
async function isLoggedOut() {
  const look = new AbortController();
  try {
    const answer = await fetch("/live", {
      headers: { accept: "text/event-stream", "x-fragment": "1" },
      signal: look.signal,
    });
    return answer.status === 401;
  } catch {
    return false;
  } finally {
    look.abort();
  }
}

function show(state) {
  if (!sign) return;
  const colours = { open: "good", lost: "warn", ended: "bad" };
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

// Shows, while an address is typed, where requests would go: the relay's own rule, asked of the
// server.

const shown = document.getElementById("preview");
const url = document.getElementById("f-url");
const kind = document.getElementById("f-provider_type");
const PAUSE_MS = 250;

let waiting;
let asked;

if (shown && url && kind) {
  url.addEventListener("input", later);
  kind.addEventListener("change", look);
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE_MS);
}

async function look() {
  asked?.abort();
  asked = new AbortController();
  const query = new URLSearchParams({ provider_type: kind.value, url: url.value });
  try {
    const answer = await fetch(`${shown.dataset.from}?${query}`, {
      headers: { "x-fragment": "1" },
      signal: asked.signal,
    });
    if (answer.ok) shown.innerHTML = await answer.text();
  } catch {
    // What stands there stays: the next key stroke asks again.
  }
}

// Waits on the page of a key until its first request is there. The live stream tells at once when
// one has ended; a look every few seconds finds it also where that stream does not reach. Without
// this file there is a link to look again.

const EVERY = 4000;
const SOON = 300;
const TRIES = 20;

let section = document.querySelector("[data-first-row]");
let timer = 0;
let looking = false;
let ended = !isWaiting();

if (!ended) {
  document.addEventListener("switchyard:row", (event) => {
    // The row may be told of before the database has it.
    if (String(event.detail.key) === section.dataset.firstRow) hurry(TRIES);
  });
  document.addEventListener("visibilitychange", look);
  timer = setInterval(look, EVERY);
}

function isWaiting() {
  return section?.dataset.word === "waiting";
}

async function hurry(tries) {
  if (ended || tries === 0) return;
  await look();
  setTimeout(hurry, SOON, tries - 1);
}

async function look() {
  if (ended || looking || document.hidden) return;
  looking = true;
  try {
    const address = `/keys/${section.dataset.firstRow}/seen`;
    const answer = await fetch(address, { headers: { "x-fragment": "1" } });
    if (answer.ok) show(await answer.text());
    // The login has ended, or the key has gone.
    if (answer.status >= 400 && answer.status < 500) end();
  } catch {
    // The next look may reach it.
  } finally {
    looking = false;
  }
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = page.querySelector("[data-first-row]");
  if (!found || found.dataset.word === "waiting") return;
  // The section itself stays: what changes within is read out, a new section would not be.
  section.replaceChildren(...document.adoptNode(found).childNodes);
  section.className = found.className;
  section.dataset.word = found.dataset.word;
  end();
}

function end() {
  ended = true;
  clearInterval(timer);
}

// Searches while one types. The form works without this file; with it the page is asked for in the
// background and only its results change, so that the field keeps its focus and its text.

const WAIT = 250;
const form = document.querySelector("[data-search-form]");
const field = form?.querySelector("[data-search]");
const announce = document.querySelector("[data-announce]");

let timer;
let running = new AbortController();

if (field) {
  field.addEventListener("input", (event) => {
    // A word that is still being composed is not a word yet.
    if (!event.isComposing) later();
  });
  field.addEventListener("compositionend", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(search, WAIT);
}

/** The address of what the form says; fields without a value are left out. */
function address() {
  const pairs = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  const query = new URLSearchParams(pairs).toString();
  return query ? `${form.action}?${query}` : form.action;
}

async function search() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const target = address();
  const old = document.querySelector("[data-results]");
  old.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(target, { signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const results = page.querySelector("[data-results]");
    if (!results) {
      // The login has ended, or there is nothing to search in any more.
      location.assign(target);
      return;
    }
    old.replaceWith(document.adoptNode(results));
    history.replaceState(null, "", target);
    announce.textContent = results.querySelector("[data-summary]")?.textContent ?? "";
  } catch (error) {
    if (error.name === "AbortError") return;
    old.removeAttribute("aria-busy");
    announce.textContent = announce.dataset.failed;
  }
}

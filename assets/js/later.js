// Fills places marked `data-later` with the part of a page that is at that address: what takes
// its time is not waited for. Without this file the place holds a link that does the same.

for (const place of document.querySelectorAll("[data-later]")) fill(place);

async function fill(place) {
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(place.dataset.later, { headers: { "x-fragment": "1" } });
    if (!answer.ok) throw new Error(answer.status);
    place.innerHTML = await answer.text();
  } catch {
    place.querySelector("a")?.replaceChildren(place.dataset.failed);
  }
  place.removeAttribute("aria-busy");
}

// Puts new rows of the live stream on top of tables whose body is marked `data-live-rows="50"`: the
// most rows that it keeps. Which rows come is the server's to say, by the same filters as the list.
// Rows wait behind a "12 new" button (data-live-new) while the reader is further down, has the focus
// in the table or the pointer on it: what one looks at does not move. A list that was empty has its
// table hidden (data-live-list), and says so in data-live-empty until the first row comes.

const TOP = 8;
const canHover = matchMedia("(hover: hover)").matches;
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const tables = [...document.querySelectorAll("[data-live-rows]")].map((body) => ({
  body,
  most: Number(body.dataset.liveRows) || 50,
  waiting: [],
  count: 0,
}));
const buttons = [...document.querySelectorAll("[data-live-new]")];
// Rows that the stream only counted, and that can only be seen in a page that is loaded anew.
let unseen = 0;
let isStale = false;

function take(table, told) {
  const row = made(told.html);
  if (!row || table.body.querySelector(`[data-request="${CSS.escape(told.id)}"]`)) return;
  table.waiting.push(row);
  table.count += 1;
  if (table.waiting.length > table.most) table.waiting.shift();
  if (isAtRest(table)) put(table);
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector("tr");
}

function isAtRest({ body }) {
  const isUsed = body.contains(document.activeElement) || (canHover && body.matches(":hover"));
  return scrollY <= TOP && !isUsed;
}

function put(table) {
  const { body, waiting, most } = table;
  for (const row of waiting) {
    if (!isCalm) row.classList.add("new");
    body.prepend(row);
  }
  table.waiting = [];
  table.count = 0;
  for (const empty of document.querySelectorAll("[data-live-empty]")) empty.remove();
  body.closest("[data-live-list]")?.removeAttribute("hidden");
  while (body.rows.length > most) {
    const last = body.rows[body.rows.length - 1];
    if (last.contains(document.activeElement)) break;
    last.remove();
  }
}

function label() {
  const count = unseen + Math.max(0, ...tables.map((table) => table.count));
  for (const button of buttons) {
    const words = count === 1 ? button.dataset.one : button.dataset.many;
    const text = isStale ? button.dataset.reload : words?.replace(/\d+/, count.toLocaleString("en"));
    if (button.textContent !== text) button.textContent = text;
    button.hidden = count === 0 && !isStale;
  }
}

function putAll(isWanted) {
  for (const table of tables) {
    if (table.count > 0 && (isWanted || isAtRest(table))) put(table);
  }
  label();
}

document.addEventListener("switchyard:row", ({ detail }) => {
  for (const table of tables) take(table, detail);
  label();
});

document.addEventListener("switchyard:more", ({ detail }) => {
  unseen += detail.count;
  label();
});

document.addEventListener("switchyard:reset", () => {
  isStale = true;
  label();
});

for (const button of buttons) {
  button.addEventListener("click", () => {
    if (unseen > 0 || isStale) {
      // A page that is loaded anew goes back to where it was: that is to be the top.
      scrollTo({ top: 0, behavior: "instant" });
      return location.reload();
    }
    scrollTo({ top: 0, behavior: isCalm ? "instant" : "smooth" });
    putAll(true);
  });
}

addEventListener("scroll", () => { if (scrollY <= TOP) putAll(false); }, { passive: true });
for (const { body } of tables) {
  body.addEventListener("pointerleave", () => putAll(false));
  body.addEventListener("focusout", () => setTimeout(() => putAll(false)));
}

// A cursor over charts. The mouse, a finger and the arrow keys move it; the tip shows the figures of
// its bucket, read from the table below the chart. Enter goes to the requests behind them.

for (const chart of document.querySelectorAll("[data-chart]")) start(chart);

function start(chart) {
  const plot = chart.querySelector("[data-plot]");
  const table = chart.querySelector("[data-figures]");
  const hits = [...plot.querySelectorAll("[data-hit]")];
  const rows = [...table.tBodies[0].rows];
  if (hits.length === 0 || hits.length !== rows.length) return;
  const band = plot.querySelector("[data-band]");
  const tip = plot.querySelector("[data-tip]");
  const heads = [...table.tHead.rows[0].cells];
  let at = -1;
  let ready = false;
  plot.tabIndex = 0;

  function show(index) {
    at = Math.max(0, Math.min(hits.length - 1, index));
    band.setAttribute("x", hits[at].getAttribute("x"));
    band.setAttribute("width", hits[at].getAttribute("width"));
    tip.replaceChildren(...figures(heads, rows[at]));
    tip.hidden = false;
    place(plot, hits[at], tip);
  }

  function hide() {
    at = -1;
    tip.hidden = true;
    band.setAttribute("width", "0");
  }

  plot.addEventListener("pointermove", (event) => {
    const index = hits.indexOf(event.target);
    if (index >= 0 && index !== at) show(index);
  });
  plot.addEventListener("pointerdown", (event) => {
    const index = hits.indexOf(event.target);
    // A finger has no way to look before it opens: its first touch only shows.
    ready = event.pointerType !== "touch" || (index === at && !tip.hidden);
    if (index >= 0) show(index);
  });
  plot.addEventListener("click", (event) => {
    if (!ready) event.preventDefault();
  });
  plot.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch" && document.activeElement !== plot) hide();
  });
  plot.addEventListener("focus", () => {
    if (at < 0 && plot.matches(":focus-visible")) show(lastKnown(rows));
  });
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: hits.length - 1 };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in moves) {
      event.preventDefault();
      show(at < 0 ? lastKnown(rows) : moves[event.key]);
    } else if (event.key === "Enter" && at >= 0) {
      const link = hits[at].closest("a");
      if (link) location.assign(link.getAttribute("href"));
    } else if (event.key === "Escape") {
      hide();
    }
  });
}

// The heading is the row's own; each figure has the name of its column.
function figures(heads, row) {
  const time = document.createElement("strong");
  time.textContent = row.cells[0].textContent.trim();
  const list = document.createElement("dl");
  for (let index = 1; index < row.cells.length; index += 1) {
    const name = document.createElement("dt");
    const hue = heads[index].dataset.hue;
    if (hue) {
      const swatch = document.createElement("i");
      swatch.className = `swatch series-${hue}`;
      name.append(swatch);
    }
    name.append(heads[index].textContent.trim());
    const value = document.createElement("dd");
    value.textContent = row.cells[index].textContent.trim();
    list.append(name, value);
  }
  return [time, list];
}

// Above the bucket, and never out of the chart.
function place(plot, hit, tip) {
  const box = plot.getBoundingClientRect();
  const bucket = hit.getBoundingClientRect();
  const middle = bucket.left - box.left + bucket.width / 2;
  const room = Math.max(0, box.width - tip.offsetWidth);
  const left = Math.max(0, Math.min(room, middle - tip.offsetWidth / 2));
  tip.style.setProperty("--tip-x", `${Math.round(left)}px`);
}

// Where a reader begins: at the last bucket of which something is known.
function lastKnown(rows) {
  const known = (row) => [...row.cells].slice(1).some((cell) => cell.textContent.trim() !== "–");
  const index = rows.findLastIndex(known);
  return index < 0 ? rows.length - 1 : index;
}

// Theme and language without losing what is typed: a theme is put on the page that is there; a
// language needs the page anew, and what was typed waits for it. Without this file both come anew.

import { keep } from "./typed.js";

const form = document.querySelector("form[data-preferences]");

form?.addEventListener("submit", (event) => {
  const chosen = event.submitter;
  if (chosen?.name === "theme") {
    event.preventDefault();
    paint(chosen);
  } else {
    keep(form.elements.back.value);
  }
});

function paint(chosen) {
  document.documentElement.dataset.theme = chosen.value;
  for (const button of form.querySelectorAll("button[name=theme]")) {
    button.toggleAttribute("aria-pressed", false);
  }
  chosen.setAttribute("aria-pressed", "true");
  const body = new URLSearchParams({ theme: chosen.value });
  // The answer leads to a page, which is there already. Where none comes, this page has the theme
  // and the next one has not.
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
}

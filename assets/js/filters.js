// Filters act when they are chosen, and leave nothing empty in the address bar. Without this file
// there is the button.

for (const form of document.querySelectorAll("[data-filters]")) {
  const ends = form.querySelector("[data-ends]");
  form.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    // A key belongs to a user.
    if (target.name === "user" && form.elements.key) form.elements.key.value = "";
    const isCustom = form.elements.time?.value === "custom";
    if (ends) ends.hidden = !isCustom;
    if (target.name === "time" && isCustom) {
      form.elements.from?.focus();
      return;
    }
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    const isCustom = form.elements.time?.value === "custom";
    for (const field of form.elements) {
      const isIdle = !isCustom && (field.name === "from" || field.name === "to");
      if (field.name && (field.value === "" || isIdle)) field.disabled = true;
    }
  });
  // A page that comes back out of the browser's memory has its fields again.
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}

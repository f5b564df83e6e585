// A form that was refused: the list of what is wrong gets the order of the form, and the first field
// that is wrong gets the focus.

for (const list of document.querySelectorAll("[data-faults]")) {
  const place = (item) => document.getElementById(item.querySelector("a").hash.slice(1));
  const items = [...list.children].filter(place);
  items.sort((one, other) =>
    place(one).compareDocumentPosition(place(other)) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  list.append(...items);
  const first = items.map(place).find((field) => !field.disabled);
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
}

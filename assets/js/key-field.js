// A key is a line; a Google credential is a file. Shows the field for keys that fits the kind of
// provider which is chosen. Without this file the field of the kind that the form began with stays,
// and takes either.

const kind = document.getElementById("f-provider_type");
const fields = [...document.querySelectorAll("[data-key-for]")];

kind?.addEventListener("change", fit);
fit();

function fit() {
  if (!kind) return;
  const fits = (field) => field.dataset.keyFor.split(" ").includes(kind.value);
  const typed = fields.map((field) => entry(field).value).find((value) => value !== "") ?? "";
  for (const field of fields) {
    field.hidden = !fits(field);
    entry(field).disabled = field.hidden;
    entry(field).value = field.hidden ? "" : typed;
  }
}

function entry(field) {
  return field.querySelector("[name=key]");
}

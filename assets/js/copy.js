// Buttons that copy what stands beside them. Without this file there are no such buttons.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = button.parentElement.querySelector("pre");
  const words = button.querySelector("span");
  const before = words.textContent;
  if (await copied(source)) {
    words.textContent = button.dataset.done;
    setTimeout(() => { words.textContent = before; }, 2000);
  }
});

// The clipboard is for secure contexts only; elsewhere the text is selected, ready for Ctrl-C.
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

// Buttons that ask the server something about the form they are in, and put the answer beside it.
// Without this file the same buttons post the form, and the page comes back with the answer.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fragment]");
  if (!button?.form) return;
  event.preventDefault();
  ask(button);
});

async function ask(button) {
  const place = document.getElementById(button.dataset.fragment);
  const words = button.textContent;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  try {
    const answer = await fetch(button.formAction, {
      method: "POST",
      headers: { "x-fragment": "1" },
      body: new URLSearchParams(new FormData(button.form)),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    place.innerHTML = await answer.text();
  } catch {
    place.textContent = place.dataset.failed;
  }
  button.disabled = false;
  button.textContent = words;
}

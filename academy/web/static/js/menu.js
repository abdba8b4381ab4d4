// Comforts of the shell: "/" goes to the search field, a sheet closes when one has chosen, dialogs open by their id.

const typing = (node) => node?.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const find = document.getElementById("find");
  const wanted = event.key === "/" || (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey));
  if (!find?.offsetParent || !wanted || (event.key === "/" && typing(event.target))) return;
  event.preventDefault();
  find.focus();
  find.select();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  const link = event.target.closest(".sheet[popover] a[href^='#']");
  if (link) link.closest(".sheet").hidePopover();
});

// The focus goes into a sheet that opens; the browser gives it back to the button when it closes.
document.addEventListener("toggle", (event) => {
  if (event.newState === "open" && event.target.matches?.(".sheet")) {
    const first = [...event.target.querySelectorAll("a[href], button, input")].find((one) => one.checkVisibility());
    first?.focus({ preventScroll: true });
  }
}, true);

// What the other modules ask of the page: its token against forgery, and one polite voice.

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Says a sentence to screen readers, unless the page asks for silence (a quiz). */
export function announce(sentence) {
  const place = document.getElementById("announcements");
  if (!place || !sentence || document.body.hasAttribute("data-quiet")) return;
  place.textContent = "";
  // A voice reads a change only when the text was gone for a moment.
  setTimeout(() => { place.textContent = sentence; }, 50);
}

// What puts more on the page under what was there says so: whoever does not see it grow hears it.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) announce(event.detail.requestConfig.elt.dataset.says);
});

/** A number of milliseconds around `base`, so that a thousand pages do not come back in the same instant. */
export const jittered = (base) => base * (0.5 + Math.random());

// The questions of the first minutes: one a screen on a phone. On a desk, and without this, they stand on one page.

const form = document.querySelector("form[data-steps]");
const steps = [...form.querySelectorAll("fieldset")];
const back = form.querySelector("[data-back]");
const narrow = matchMedia("(max-width: 40rem)");
const wrong = steps.findIndex((step) => step.querySelector("p.bad").textContent.trim());
let at = Math.max(0, wrong);

function show() {
  steps.forEach((step, index) => { step.hidden = narrow.matches && index !== at; });
  form.querySelectorAll("[data-place]").forEach((place) => { place.hidden = !narrow.matches; });
  back.hidden = !narrow.matches || at === 0;
}

function go(to) {
  at = to;
  show();
  steps[at].focus();
  scrollTo(0, 0);
}

form.addEventListener("submit", (event) => {
  if (!narrow.matches || event.submitter?.name === "skip" || at === steps.length - 1) return;
  event.preventDefault();
  go(at + 1);
});
back.addEventListener("click", () => go(at - 1));
narrow.addEventListener("change", show);
show();

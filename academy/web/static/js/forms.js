// Forms: each is sent once, its button says that it is busy, and what is wrong stands beside its field.

import { token } from "./page.js";

const buttonOf = (form, given) => given ?? form.querySelector("button:not([type=button]), [type=submit]");

function busy(form, button) {
  form.dataset.sent = "";
  button?.setAttribute("aria-busy", "true");
}

function ready(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
}

function forget(form) {
  document.getElementById("refusals")?.replaceChildren();
  form.querySelectorAll("p.bad").forEach((one) => { one.textContent = ""; });
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
  form.querySelectorAll("[data-bad]").forEach((one) => one.removeAttribute("data-bad"));
}

/** Marks the fields beside which a sentence now stands, and goes to the first. */
function mark() {
  const wrong = [...document.querySelectorAll(".field > p.bad")].filter((one) => one.textContent.trim());
  for (const sentence of wrong) {
    const field = sentence.closest(".field");
    field.setAttribute("data-bad", "");
    field.querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
  }
  wrong[0]?.closest(".field").querySelector("input, select, textarea")?.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return; // htmx sends it, below
  if ("sent" in form.dataset) return event.preventDefault();
  if (form.method === "post") busy(form, buttonOf(form, event.submitter));
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (!form || event.detail.requestConfig.verb === "get") return;
  if ("sent" in form.dataset) return event.preventDefault();
  forget(form);
  busy(form, buttonOf(form, event.detail.requestConfig.triggeringEvent?.submitter));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (form) ready(form);
  if (!event.detail.successful) mark();
});

// Back in the browser's history shows the page as it was left: busy.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(ready));

if (document.querySelector(".field[data-bad]")) mark();

// Sign-in on a phone: the address first, then the password. Both stand in one form, so a password manager can fill
// them at once; the second field is only out of sight until it is its turn, and out of the way of Tab. What follows it
// is hidden whole.

const form = document.querySelector("[data-sign-in]");
const address = form?.elements.login;
const password = form?.elements.password;
const narrow = matchMedia("(max-width: 40rem)").matches;

function second() {
  delete form.dataset.first;
  form.querySelector("[data-first]").hidden = true;
  form.querySelector("[data-later]").hidden = false;
  password.removeAttribute("tabindex");
  password.focus();
}

function onwards() {
  if (address.reportValidity()) second();
}

if (form && narrow && !address.value && !document.querySelector("[data-bad], .note.bad")) {
  form.dataset.first = "";
  form.querySelector("[data-first]").hidden = false;
  form.querySelector("[data-later]").hidden = true;
  password.tabIndex = -1;
  form.querySelector("[data-first] button").addEventListener("click", onwards);
  address.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !("first" in form.dataset)) return;
    event.preventDefault();
    onwards();
  });
  // A password manager has filled it in: nothing is left to type.
  password.addEventListener("input", () => { if ("first" in form.dataset && password.value) second(); });
}

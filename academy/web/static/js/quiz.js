// A quiz, one question a screen. Without this module all questions stand on one page, in the same form.

const form = document.getElementById("quiz");
const questions = [...form.querySelectorAll(".question")];
const before = document.querySelector("[data-before]");
const after = document.querySelector("[data-after]");
const check = document.querySelector("[data-check]");
const leave = document.querySelector("[data-leave]");
const kept = document.querySelector("[data-kept]");
const PLACE = `academy.quiz.${form.dataset.attempt}`;
let current = 0;

const answered = (question) => Boolean(question.querySelector("input:checked"));

function say(question, sentence) {
  question.querySelector("p.bad").textContent = sentence;
}

function show(index, { focus = true } = {}) {
  current = index;
  questions.forEach((question, i) => { question.hidden = i !== index; });
  before.hidden = index === 0;
  leave.hidden = index > 0;
  after.hidden = index === questions.length - 1;
  check.hidden = index < questions.length - 1;
  if (!focus) return;
  scrollTo({ top: 0 });
  questions[index].querySelector("legend").focus({ preventScroll: true });
}

function forward() {
  if (!answered(questions[current])) return say(questions[current], form.dataset.saysOpen);
  if (current < questions.length - 1) show(current + 1);
}

// Answers are kept on this device, so that a reload or a call in between does not lose them.
function keep() {
  const chosen = [...form.querySelectorAll("input:checked")].map((one) => [one.name, one.value]);
  sessionStorage.setItem(PLACE, JSON.stringify({ chosen, current }));
  kept.hidden = !chosen.length;
}

function restore() {
  const saved = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  if (!saved) return 0;
  const chosen = new Set(saved.chosen.map(([name, value]) => `${name}\n${value}`));
  for (const one of form.querySelectorAll(".opt input")) one.checked = chosen.has(`${one.name}\n${one.value}`);
  kept.hidden = !saved.chosen.length;
  return Math.min(saved.current, questions.length - 1);
}

form.addEventListener("change", (event) => {
  say(event.target.closest(".question"), "");
  keep();
});
after.addEventListener("click", () => { forward(); keep(); });
before.addEventListener("click", () => { show(current - 1); keep(); });

// A number chooses, Enter goes on; arrows stay the browser's own.
form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inputs = [...questions[current].querySelectorAll(".opt input")];
  const chosen = inputs[Number(event.key) - 1];
  if (chosen) chosen.click();
  else if (event.key === "Enter" && current < questions.length - 1) forward();
  else return;
  event.preventDefault();
});

// Caught before forms.js marks the form as sent.
form.addEventListener("submit", (event) => {
  const open = questions.findIndex((question) => !answered(question));
  if (open < 0) return;
  event.preventDefault();
  event.stopPropagation();
  show(open);
  say(questions[open], form.dataset.saysOpen);
});

form.classList.add("one-at-a-time");
show(restore(), { focus: false });

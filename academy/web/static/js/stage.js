// The demo's stage: writes down every fact as it arrives, with the milliseconds since the learner's last answer.

const journal = document.querySelector("[data-stage-journal]");
const words = JSON.parse(journal.dataset.words);
const MOST = 30; // lines kept in view
let answered = 0;

const now = () => performance.timeOrigin + performance.now();

/** Notes when something is sent from inside the lesson. A frame that loads anew has a document of its own. */
function watch(frame) {
  frame.contentDocument?.addEventListener("submit", () => { answered = now(); }, true);
}

for (const frame of document.querySelectorAll("[data-stage-lesson]")) {
  frame.addEventListener("load", () => watch(frame));
  watch(frame);
}

document.addEventListener("academy:frame", ({ detail }) => {
  if (!(detail.kind in words)) return;
  document.querySelector("[data-stage-empty]")?.remove();
  const line = document.createElement("li");
  const what = document.createElement("div");
  const kind = document.createElement("small");
  const took = document.createElement("small");
  what.append(words[detail.kind], kind);
  kind.textContent = detail.kind;
  took.className = "num";
  took.textContent = answered ? journal.dataset.after.replace("{ms}", Math.max(0, Math.round(now() - answered))) : "";
  line.append(what, took);
  journal.prepend(line);
  while (journal.children.length > MOST) journal.lastElementChild.remove();
});

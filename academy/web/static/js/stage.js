// The demo's stage: writes down every fact as it arrives, and beside every figure that it moved what the figure was,
// both with the milliseconds since the last answer or refund.

const journal = document.querySelector("[data-stage-journal]");
const words = JSON.parse(journal.dataset.words);
const MOST = 30; // lines kept in view
let answered = 0;

const now = () => performance.timeOrigin + performance.now();

const since = () => Math.max(0, Math.round(now() - answered));
const read = () => new Map([...document.querySelectorAll(":is(#figures, #refund) [data-figure]")].map((one) => [one.dataset.figure, one.textContent.trim()]));
let figures = read();
const moved = new Map(); // what is said beside a figure; each fetch of the part wipes it

/** Notes when something is sent from inside the lesson. A frame that loads anew has a document of its own. */
function watch(frame) {
  frame.contentDocument?.addEventListener("submit", () => { answered = now(); }, true);
}

for (const frame of document.querySelectorAll("[data-stage-lesson]")) {
  frame.addEventListener("load", () => watch(frame));
  watch(frame);
}

// The refund is sent without leaving the stage; what it moved arrives like everything else. Without this the page loads anew.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-stage-refund]");
  if (!form) return;
  event.preventDefault();
  answered = now();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") form.submit();
});

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
  took.textContent = answered ? journal.dataset.after.replace("{ms}", since()) : "";
  line.append(what, took);
  journal.prepend(line);
  while (journal.children.length > MOST) journal.lastElementChild.remove();
});

document.addEventListener("academy:parts", () => {
  const fresh = read();
  const words = document.querySelector("#figures").dataset.was;
  for (const [figure, value] of fresh) {
    const old = figures.get(figure);
    if (answered && old !== value) moved.set(figure, words.replace("{old}", old).replace("{ms}", since()));
    const note = document.querySelector(`[data-note="${figure}"]`);
    if (note) note.textContent = moved.get(figure) ?? "";
  }
  figures = fresh;
});

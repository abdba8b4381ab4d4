// What this phone keeps for times without a network: told to the worker by the pages of a course, taken away as soon as
// somebody else, or nobody, is signed in, and named as kept wherever it is shown.

import { canKeep, forgetOthers, isKept, keptCourse, LESSON, person } from "./store.js";

const body = document.body;

function course() {
  const outline = document.getElementById("outline");
  if (!outline) return null;
  const lessons = [...outline.querySelectorAll(".steps a")]
    .map((link) => ({ address: link.pathname, title: link.textContent.trim() }))
    .filter(({ address }) => LESSON.test(address));
  return { title: outline.dataset.course, lessons };
}

const look = () => [...new Set(performance.getEntriesByType("resource").map((one) => new URL(one.name))
  .filter((one) => one.origin === location.origin && one.pathname.startsWith("/static/"))
  .map((one) => one.pathname + one.search))];

async function tell() {
  await navigator.serviceWorker.register("/worker.js", { updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ person, course: navigator.connection?.saveData ? null : course(), look: look() });
}

/** Says that the page is the kept one, and from when; until the page is live again. */
function sayKept(since) {
  const mark = document.querySelector("[data-kept-mark]");
  if (!mark) return;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  mark.querySelector("span").textContent = mark.dataset.says.replace("{time}", time.format(new Date(since)));
  mark.hidden = false;
  document.addEventListener("academy:live", () => {
    mark.hidden = true;
    delete body.dataset.kept;
  });
}

/** In a kept outline: which steps, such as a quiz, cannot be opened now. */
async function sayAway() {
  const outline = document.getElementById("outline");
  for (const link of outline?.querySelectorAll(".steps a") ?? []) {
    if (await isKept(link.pathname)) continue;
    link.append(" ", Object.assign(document.createElement("small"), { textContent: outline.dataset.saysAway }));
  }
}

/** On the page that stands for all others: what can be read all the same. */
async function list() {
  const place = document.querySelector("[data-kept-list]");
  const found = place && await keptCourse();
  if (!found) return;
  for (const { address, title } of found.lessons) {
    if (!await isKept(address)) continue;
    const link = Object.assign(document.createElement("a"), { href: address, textContent: title });
    const line = document.createElement("li");
    line.append(link);
    place.querySelector("ul").append(line);
  }
  place.querySelector("h2").textContent = found.title;
  place.hidden = !place.querySelector("li");
}

/** The page asked for, once there is a network again: not on the word of the browser alone, which says so too early. */
async function tryAgain() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer && !isLeaving) location.reload();
}

let isLeaving = false; // for a page that somebody has chosen meanwhile: a reload would take that choice away

if (person !== null) {
  forgetOthers(person);
  document.addEventListener("submit", ({ target }) => {
    if (new URL(target.action, location.href).pathname === "/accounts/logout/") forgetOthers("");
  });
}

if (body.dataset.kept) {
  sayKept(body.dataset.kept);
  sayAway();
  list();
  if (document.querySelector("[data-kept-list]")) {
    addEventListener("beforeunload", () => { isLeaving = true; });
    addEventListener("online", tryAgain);
  }
} else if (person && canKeep) {
  addEventListener("load", () => setTimeout(() => tell().catch(() => {}), 500)); // what keeps is never in the way
}

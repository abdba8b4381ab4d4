// A lesson under way: how long it was in view, where one is in it, and going on. Each page view is one play; what is
// reported is its running total, so that a report sent twice counts once.

import { announce } from "./page.js";
import { save } from "./offline.js";
import { isKept } from "./store.js";

const EVERY = 15; // seconds in view between two reports
const AWAY = 120; // seconds without a touch after which nobody is reading
const LINE = 0.4; // of the window's height: the paragraph above this line is the one being read

const lesson = document.getElementById("lesson");
const film = document.querySelector("[data-film]");
const state = document.getElementById("lesson-state");
const says = lesson.dataset;
const play = newPlay();
let seconds = 0;
let reported = 0;
let touched = performance.now();
let place = null;
let placeSent = null;
let moving = false; // by whoever reads; a page moves by itself while it is opened

function newPlay() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // over plain HTTP in one's own network
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const playing = () => film && !film.paused && !film.ended;

const within = (value) => Math.min(Math.max(value, 0), 1);

function inText() {
  const all = [...lesson.querySelectorAll("[id^='p-']")];
  if (!all.length) return null;
  const root = document.scrollingElement;
  const room = root.scrollHeight - innerHeight;
  const seen = all.filter((one) => one.getBoundingClientRect().top <= innerHeight * LINE);
  const atEnd = room - root.scrollTop < 4;
  const here = atEnd ? all.at(-1) : (seen.at(-1) ?? all[0]);
  return { anchor: here.id, position: within(room > 0 ? root.scrollTop / room : 1) };
}

function inFilm() {
  if (!film?.currentTime) return null;
  const position = Number.isFinite(film.duration) ? within(film.currentTime / film.duration) : 0.5;
  return { anchor: `t-${Math.floor(film.currentTime)}`, position };
}

const where = () => inFilm() ?? inText();

function shown(total) {
  if (total < 60 || !state) return;
  const minutes = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "minute", unitDisplay: "short" });
  state.textContent = says.saysSaved.replace("{time}", minutes.format(Math.floor(total / 60)));
}

async function report() {
  const moved = place && place.anchor !== placeSent;
  const whole = Math.floor(seconds);
  if (whole === reported && !moved) return;
  const body = { play, seconds: whole, occurred_at: new Date().toISOString(), ...(place ?? {}) };
  reported = whole;
  placeSent = place?.anchor ?? null;
  const answer = await save(says.reportTo, body, { replaces: `play:${play}` });
  if (answer.sent && answer.status < 300) shown(Number(says.seconds) + whole);
  else if (!answer.sent && state) state.textContent = says.saysKept;
}

setInterval(() => {
  const awake = playing() || performance.now() - touched < AWAY * 1000;
  if (document.visibilityState !== "visible" || !awake) return;
  seconds += 1;
  if (seconds - reported >= EVERY) report();
}, 1000);

// Where the page was opened: at the paragraph of its address, else at the one that was left.
const openedAt = () => document.getElementById(location.hash.slice(1) || says.anchor);

function inView(one) {
  const { top, bottom } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

// Where one is counts once one has moved: a page that was only opened does not lose the old place. Some move without
// wheel, touch or key (a scroll bar, a search in the page, a voice): then what the page was opened at leaves the view.
function moved() {
  touched = performance.now();
  const opened = openedAt();
  moving ||= !opened || !inView(opened);
  if (moving) place = where();
}

addEventListener("scroll", moved, { passive: true });
for (const kind of ["pointerdown", "pointermove", "keydown", "touchstart"]) {
  addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
}
for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  addEventListener(kind, () => { moving = true; }, { passive: true });
}
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") report(); });
addEventListener("pagehide", report);

// Without a network the lesson is finished here, and told to the server when it is back. One goes on where the next
// lesson is kept.
const goOn = document.getElementById("go-on");

async function finishHere() {
  const body = { play, seconds: Math.floor(seconds), completed: true, position: 1, occurred_at: new Date().toISOString() };
  await save(says.reportTo, body);
  if (goOn?.dataset.next && await isKept(goOn.dataset.next)) return location.assign(goOn.dataset.next);
  if (state) state.textContent = says.saysFinished;
  announce(says.saysFinished);
}

goOn?.addEventListener("submit", (event) => {
  if (navigator.onLine && !document.body.dataset.kept) return;
  event.preventDefault();
  finishHere();
});

// The worker found no network although the browser thought that there was one.
if (location.hash === "#finished") {
  history.replaceState(null, "", location.pathname);
  finishHere();
}

function resume() {
  const anchor = says.anchor;
  if (!anchor || location.hash) return;
  if (film && anchor.startsWith("t-")) {
    const seek = () => { film.currentTime = Number(anchor.slice(2)); };
    if (film.readyState > 0) seek();
    else film.addEventListener("loadedmetadata", seek, { once: true });
    return;
  }
  // Its top comes to rest a little above the line, so that going on from here begins with this paragraph.
  const top = document.getElementById(anchor)?.getBoundingClientRect().top;
  if (top !== undefined) scrollBy({ top: top - innerHeight * LINE + 1, behavior: "instant" });
}

film?.addEventListener("pause", () => { place = inFilm(); report(); });
film?.addEventListener("timeupdate", () => { place = inFilm(); });
// The browser's own memory of the scroll position comes later than this module, so it is told to keep out of it.
if (says.anchor && !location.hash) history.scrollRestoration = "manual";
resume();
addEventListener("load", () => { if (!moving && !film) resume(); }); // pictures above have pushed it down

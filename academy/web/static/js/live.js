// Keeps an open page true. One socket tells what happened after the page's cursor; an element with an id and
// `data-live="kind kind ..."` is stale after a fact of such a kind (`*`: of any). All stale parts are fetched in one
// request, from the page's own address, and put in place; a part that stands on many pages names its own (`data-from`).

import { announce, jittered } from "./page.js";
import { morph } from "./morph.js";

const SETTLE = 80; // ms after the last frame: what one action caused arrives together
const GLOW = 1000; // ms
const PATIENCE = 1000; // ms that a stale part waits while frames keep coming
const LONGEST = 30_000; // ms between two attempts
const ANSWERED = 10_000; // ms after which parts are asked for anew: on a connection that is dead nothing ever answers

const body = document.body;
const mark = document.querySelector("[data-live-mark]");
let cursor = body.dataset.cursor || "";
let socket = null;
let attempts = 0;
let again = 0;
let settling = 0;
let waiting = 0;
let fetching = false;
let asking = null; // ends what was asked and is not answered
const stale = new Set();

function show(state) {
  if (mark && mark.dataset.state !== state) mark.dataset.state = state;
}

/** A list that was gone on with is as it was found: put anew it would end where it first did, under the reader. */
function parts() {
  return [...document.querySelectorAll("[data-live][id]")].filter((part) => !part.querySelector("[data-further]"));
}

function spoil(kind) {
  for (const part of parts()) {
    const kinds = part.dataset.live.split(/\s+/);
    if (kind === null || kinds.includes(kind) || kinds.includes("*")) stale.add(part.id);
  }
  if (!stale.size) return;
  // In a busy academy something follows within every 80 ms; then a page waits for a second at most.
  if (!waiting) waiting = performance.now();
  clearTimeout(settling);
  settling = setTimeout(refresh, Math.min(SETTLE, Math.max(0, waiting + PATIENCE - performance.now())));
}

const shown = (part) => [part, ...part.querySelectorAll("[data-figure]")].filter((one) => one.dataset.figure);

const figures = (part) => new Map(shown(part).map((one) => [one.dataset.figure, one.textContent.trim()]));

/** The same figure where it stands in no part: the tier below one's name. */
const twins = (figure) => [...document.querySelectorAll("[data-figure]")]
  .filter((one) => one.dataset.figure === figure.dataset.figure && !one.closest("[data-live]"));

/** Puts one fresh part in place; answers the sentences about the figures that changed. */
function put(fresh) {
  const old = document.getElementById(fresh.id);
  if (!old) return [];
  const before = figures(old);
  morph(old, fresh);
  window.htmx?.process(old);
  const sentences = [];
  for (const figure of shown(old)) {
    const was = before.get(figure.dataset.figure);
    const now = figure.textContent.trim();
    if (was === undefined || was === now) continue;
    for (const twin of twins(figure)) twin.textContent = now;
    figure.classList.add("changed-glow");
    setTimeout(() => figure.classList.remove("changed-glow"), GLOW);
    if (figure.dataset.name) {
      sentences.push((body.dataset.saysChanged ?? "")
        .replace("{name}", figure.dataset.name).replace("{new}", now).replace("{old}", was));
    }
  }
  const told = old.dataset.say && before.size ? [old.dataset.say] : [];
  return sentences.length ? sentences : told;
}

/** The ids of stale parts by the address that they come from. */
function byAddress(ids) {
  const found = new Map();
  for (const id of ids) {
    const from = document.getElementById(id)?.dataset.from;
    const address = from && new URL(from, location.href).pathname !== location.pathname ? from : location.href;
    found.set(address, [...(found.get(address) ?? []), id]);
  }
  return found;
}

/** Fetches some parts and puts them in place; answers what to say of them, or null when the page is at an end. */
async function fetchParts(address, ids) {
  const answer = await fetch(address, {
    headers: { "X-Parts": ids.join(",") }, cache: "no-store", credentials: "same-origin",
    signal: asking.signal,
  });
  if (answer.status === 401) return end() ?? null;
  // The page has changed its parts: a new version is out.
  if (answer.status === 404) return location.reload() ?? null;
  if (!answer.ok) throw new Error(`parts: ${answer.status}`);
  const text = await answer.text();
  const fresh = new DOMParser().parseFromString(`<body>${text}</body>`, "text/html").body;
  // Rows of tables come inside a <template>.
  const elements = [...fresh.children].flatMap((one) => one.content ? [...one.content.children] : one);
  return elements.flatMap(put);
}

async function refresh() {
  if (fetching || !stale.size) return;
  waiting = 0;
  // In the order of the page, so that what stands first is said first.
  const ids = parts().map((part) => part.id).filter((id) => stale.has(id));
  stale.clear();
  if (!ids.length) return;
  fetching = true;
  asking = new AbortController();
  const late = setTimeout(() => asking.abort(), ANSWERED);
  try {
    const sentences = await Promise.all([...byAddress(ids)].map((some) => fetchParts(...some)));
    if (sentences.includes(null)) return;
    announce([...new Set(sentences.flat())].slice(0, 2).join(" "));
    document.dispatchEvent(new CustomEvent("academy:parts", { detail: { ids } }));
  } catch (failure) {
    // Offline or a server that restarts: what is stale stays so until the socket is open again. What was given up as
    // never answered is asked for on another connection.
    for (const id of ids) stale.add(id);
    if (failure.name === "AbortError") settling = setTimeout(refresh, SETTLE);
    return;
  } finally {
    fetching = false;
    clearTimeout(late);
  }
  if (stale.size) settling = setTimeout(refresh, SETTLE);
}

function heard(event) {
  const frame = JSON.parse(event.data);
  if (frame.kind === "notices") return spoil(frame.kind); // no fact: it has no place in the journal
  cursor = String(frame.cursor);
  document.dispatchEvent(new CustomEvent("academy:frame", { detail: frame }));
  if (frame.kind === "reset") spoil(null);
  else if (frame.kind !== "hello") spoil(frame.kind);
}

function end() {
  show("ended");
  clearTimeout(again);
  socket?.close();
  socket = null;
}

function closed(event) {
  if (event.target !== socket) return;
  socket = null;
  if (event.code === 4401) return end();
  show(navigator.onLine ? "again" : "offline");
  clearTimeout(again);
  again = setTimeout(open, jittered(Math.min(LONGEST, 500 * 2 ** attempts)));
  attempts = Math.min(attempts + 1, 6);
}

function open() {
  if (socket) return;
  clearTimeout(again);
  const address = new URL("/live/", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  if (cursor) address.searchParams.set("after", cursor);
  if (document.querySelector('[data-live~="notices"]')) address.searchParams.set("notices", "1");
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    if (attempts) spoil("notices"); // nobody makes up for those that were missed
    attempts = 0;
    show("live");
    document.dispatchEvent(new CustomEvent("academy:live"));
    if (stale.size) refresh();
  });
  socket.addEventListener("message", heard);
  socket.addEventListener("close", closed);
}

/** Gives up the socket, without taking its end for a loss. */
function leave() {
  const left = socket;
  socket = null;
  clearTimeout(again);
  left?.close();
}

/** A network came back: whether a connection outlived that, only its silence would tell. So everything begins anew. */
function begin() {
  if (mark.dataset.state === "ended") return;
  leave();
  asking?.abort();
  attempts = 1; // notices may have been missed
  show("again");
  open();
}

if (mark) {
  addEventListener("online", begin);
  addEventListener("offline", () => show("offline"));
  // A page that comes back from the browser's memory, or from sleep, asks for what it missed.
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !socket && mark.dataset.state !== "ended") open(); });
  open();
}

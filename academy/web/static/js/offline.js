// Progress is kept on this phone until the server has answered, and sent again when the network is back, in order, each
// under its own key, so that sending twice counts once. It is kept before it is sent: what a page sends while it is being
// left is often lost without a word when a service worker stands between, and then the next page sends it.

import { announce, jittered, token } from "./page.js";

const person = document.body.dataset.person ?? "";
const PLACE = `academy.unsent.${person}`;
const underway = new Set(); // keys of what this page is sending and has no answer to yet
let sending = false;
let attempts = 0;

// Browsers offer randomUUID only over TLS and on this machine; a demo is also opened from a phone in the same network.
const newKey = () => crypto.randomUUID?.()
  ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const read = () => JSON.parse(localStorage.getItem(PLACE) ?? "[]");

function write(queue) {
  if (queue.length) localStorage.setItem(PLACE, JSON.stringify(queue));
  else localStorage.removeItem(PLACE);
  const waiting = queue.filter((entry) => entry.waits); // what is only on its way is nothing to tell
  document.querySelectorAll("[data-offline-mark]").forEach((mark) => { mark.hidden = !waiting.length; });
  markFinished(waiting);
}

const remove = (key) => write(read().filter((entry) => entry.key !== key));

// In the outline a lesson finished without a network says where that stands for now.
function markFinished(queue) {
  const outline = document.getElementById("outline");
  for (const line of outline?.querySelectorAll(".steps li") ?? []) {
    const lesson = line.querySelector("a")?.pathname.replace("/training/", "");
    const kept = queue.some((entry) => entry.body.completed && lesson && entry.address.includes(lesson));
    const said = line.querySelector("[data-kept-here]");
    if (!kept) said?.remove();
    else if (!said) {
      const small = Object.assign(document.createElement("small"), { textContent: outline.dataset.saysKept });
      small.dataset.keptHere = "";
      line.querySelector("a").append(" ", small);
    }
  }
}

const send = (entry) => fetch(entry.address, {
  method: entry.method,
  headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "Idempotency-Key": entry.key },
  body: JSON.stringify(entry.body),
  credentials: "same-origin",
  keepalive: true,
});

// Not answered for good: signed out for now, asked to wait, or a server that is restarting.
const later = (status) => [401, 403, 408, 425, 429].includes(status) || status >= 500;

/**
 * Sends progress, or keeps it. A newer entry of the same `replaces` takes the place of one that is still kept, since
 * the newer says all that the older did. Answers {sent, status, body}; `sent` is false when it was kept.
 */
export async function save(address, body, { method = "PUT", replaces = null } = {}) {
  const entry = { key: newKey(), address, method, body, replaces };
  write([...read().filter((kept) => !replaces || kept.replaces !== replaces), entry]);
  underway.add(entry.key);
  const answer = await send(entry).catch(() => null); // no answer: no network
  underway.delete(entry.key);
  if (answer && !later(answer.status)) {
    remove(entry.key);
    return { sent: true, status: answer.status, body: await answer.json().catch(() => null) };
  }
  wait();
  return { sent: false, status: 0, body: null };
}

function wait() {
  write(read().map((entry) => (underway.has(entry.key) ? entry : { ...entry, waits: true })));
  retry();
}

function retry() {
  setTimeout(flush, jittered(Math.min(60_000, 2_000 * 2 ** attempts)));
  attempts = Math.min(attempts + 1, 5);
}

async function sendKept() {
  const next = () => read().find((one) => !underway.has(one.key));
  for (let entry = next(); entry; entry = next()) {
    const answer = await send(entry).catch(() => null);
    if (!answer || later(answer.status)) return wait();
    remove(entry.key);
    document.dispatchEvent(new CustomEvent("academy:sent", { detail: { entry, status: answer.status } }));
    if (!answer.ok) announce((await answer.json().catch(() => null))?.detail);
    attempts = 0;
  }
}

/** Sends what is kept, oldest first, in one tab at a time; stops at the first that must wait. */
export async function flush() {
  if (sending || !navigator.onLine || !person || !read().length) return;
  sending = true;
  try {
    if (navigator.locks) {
      await navigator.locks.request(PLACE, { ifAvailable: true }, (lock) => lock ? sendKept() : retry());
    } else {
      await sendKept();
    }
  } finally {
    sending = false;
  }
  write(read());
}

if (person) {
  write(read());
  addEventListener("online", flush);
  flush();
}

// Where the texts lie that this phone keeps: one store a person, of one course. The worker fills it; see worker.js.

export const TEXTS = "academy.texts.";
export const INDEX = "/offline/index.json";
export const LESSON = /^\/training\/lessons\/[0-9a-f-]{36}\/$/;

/** Whose page this is: an id, "" for somebody not signed in, null where the page cannot know. */
export const person = document.querySelector('meta[name="person"]')?.content ?? null;

/** Whether this browser can keep anything: only over TLS or on this machine. */
export const canKeep = "caches" in window && "serviceWorker" in navigator;

const texts = async () => (canKeep && person && await caches.has(TEXTS + person) ? caches.open(TEXTS + person) : null);

/** Whether a page can be opened without a network. */
export const isKept = async (address) => Boolean(await (await texts())?.match(address, { ignoreVary: true }));

/** The course that is kept: {title, lessons: [{address, title}]}, or null. */
export const keptCourse = async () => (await (await texts())?.match(INDEX))?.json() ?? null;

/** Takes away what is kept of everybody but this person; of everybody, for "". */
export async function forgetOthers(than) {
  if (!canKeep) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(TEXTS) && name !== TEXTS + than).map((name) => caches.delete(name)));
}

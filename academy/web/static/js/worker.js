// The service worker: the course one is in opens without a network. It keeps the look of the pages for everybody, and
// the text of one course's lessons for who is signed in. Nothing else is kept: Home, money and tier are fresh or say
// that they cannot be shown. Names of stores and addresses are those of store.js, which a worker cannot import.

const LOOK = "academy.look";
const TEXTS = "academy.texts.";
const INDEX = "/offline/index.json";
const OFFLINE = "/offline/";
const LESSON = /^\/training\/lessons\/[0-9a-f-]{36}\/$/;
const COMPLETE = /^(\/training\/lessons\/[0-9a-f-]{36}\/)complete\/$/;
const PATIENCE = 6_000; // ms that a kept text waits for a network that does not answer
const FRESH = 24 * 3600 * 1000; // ms after which a kept text is fetched again
const KEPT_AT = "X-Kept-At";
const WHATEVER = { ignoreVary: true };

addEventListener("install", (event) => {
  skipWaiting();
  // What is written goes past the worker: sent through it by a page that is being left, it was lost more often than not.
  event.addRoutes?.({ condition: { requestMethod: "PUT" }, source: "network" });
});

addEventListener("activate", (event) => event.waitUntil(Promise.all([
  registration.navigationPreload?.enable(), // so that starting the worker delays no page
  clients.claim(),
])));

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname.endsWith("/")) {
    // Pages end in a slash; files to take along do not, and are never answered by a page.
    if (request.method === "GET") event.respondWith(page(event, address.pathname));
    else if (COMPLETE.test(address.pathname)) event.respondWith(completed(request, address.pathname));
  } else if (request.method === "GET" && address.pathname.startsWith("/static/") && !request.headers.has("Range")) {
    event.respondWith(look(request, address));
  }
});

// {person, course: {title, lessons: [{address, title}]} or null, look: [address]}; one page's wish after the other.
let working = Promise.resolve();
addEventListener("message", (event) => {
  working = working.then(() => keepAll(event.data)).catch(() => {}); // the next page asks again
  event.waitUntil(working);
});

async function page(event, path) {
  const texts = await textsOfWhoIsHere();
  const kept = LESSON.test(path) ? await texts?.match(path, WHATEVER) : undefined;
  try {
    const answer = await (kept ? inTime(fromNetwork(event)) : fromNetwork(event));
    if (texts && LESSON.test(path)) event.waitUntil(keep(texts, path, answer.clone()));
    return answer;
  } catch {
    return kept ?? await texts?.match(OFFLINE, WHATEVER) ?? Response.error();
  }
}

const fromNetwork = async (event) => await event.preloadResponse ?? fetch(event.request);

const inTime = (answer) => Promise.race([
  answer,
  new Promise((_, refuse) => { setTimeout(() => refuse(new Error("no answer")), PATIENCE); }),
]);

// The lesson's own page keeps the completion and sends it later; the worker only brings the reader back to it.
async function completed(request, path) {
  const lesson = COMPLETE.exec(path)[1];
  try {
    return await fetch(request);
  } catch {
    const texts = await textsOfWhoIsHere();
    if (await texts?.match(lesson, WHATEVER)) return Response.redirect(`${lesson}#finished`, 303);
    return await texts?.match(OFFLINE, WHATEVER) ?? Response.error();
  }
}

async function look(request, address) {
  const kept = await (await caches.open(LOOK)).match(request.url, WHATEVER);
  if (kept && address.searchParams.has("v")) return kept; // its address changes when its content does
  try {
    const answer = await fetch(request);
    if (kept && answer.ok) await (await caches.open(LOOK)).put(request.url, answer.clone());
    return answer;
  } catch (failure) {
    if (kept) return kept;
    throw failure;
  }
}

// There is at most one: a page of somebody else, or of nobody, takes the others away before it does anything else.
async function textsOfWhoIsHere() {
  const name = (await caches.keys()).find((one) => one.startsWith(TEXTS));
  return name ? caches.open(name) : null;
}

async function keepAll({ person, course, look: addresses }) {
  await keepLook(addresses);
  const texts = await caches.open(TEXTS + person);
  await fetchOnce(texts, OFFLINE, person);
  if (!course) return;
  await texts.put(INDEX, new Response(JSON.stringify(course)));
  const wanted = course.lessons.map((lesson) => lesson.address);
  for (const { url } of await texts.keys()) {
    const path = new URL(url).pathname;
    if (LESSON.test(path) && !wanted.includes(path)) await texts.delete(url);
  }
  for (const address of wanted) await fetchOnce(texts, address, person);
}

async function keepLook(addresses) {
  const store = await caches.open(LOOK);
  for (const address of addresses) {
    if (await store.match(address, WHATEVER)) continue;
    const answer = await fetch(address);
    if (!answer.ok) continue;
    await store.put(address, answer);
    for (const { url } of await store.keys(address, { ignoreSearch: true })) {
      if (url !== new URL(address, location).href) await store.delete(url); // an older version of the same file
    }
  }
}

async function fetchOnce(texts, address, person) {
  const kept = await texts.match(address, WHATEVER);
  if (kept && Date.now() - Date.parse(kept.headers.get(KEPT_AT)) < FRESH) return;
  await keep(texts, address, await fetch(address, { credentials: "same-origin" }), person);
}

// `person` where it is known: what comes for anybody else, after a sign-in in another tab, is not kept here.
async function keep(texts, address, answer, person = "") {
  if (!answer.ok || answer.redirected || !answer.headers.get("Content-Type")?.startsWith("text/html")) return;
  const text = await answer.text();
  if (!text.includes(`<meta name="person" content="${person}`)) return;
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  const now = new Date().toISOString();
  headers.set(KEPT_AT, now);
  await texts.put(address, new Response(text.replace("<body", `<body data-kept="${now}"`), { headers }));
}

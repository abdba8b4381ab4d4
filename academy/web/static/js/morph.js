// Makes one element equal to another by changing only what differs: focus, scroll, open details and what somebody is
// typing stay where they are.

const key = (node) => node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset?.key || "" : "";

const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);

function syncAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

function syncChildren(from, to) {
  const kept = new Map();
  for (const child of from.children) if (key(child)) kept.set(key(child), child);
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const found = key(wanted) ? kept.get(key(wanted)) : here;
    if (found && alike(found, wanted)) {
      if (found === here) here = here.nextSibling;
      else from.insertBefore(found, here);
      morph(found, wanted);
    } else if (here && !key(here) && !key(wanted) && here.nodeName === wanted.nodeName) {
      const next = here.nextSibling;
      morph(here, wanted);
      here = next;
    } else {
      from.insertBefore(document.importNode(wanted, true), here);
    }
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

/** Changes `from` until it equals `to`; both are of the same kind. */
export function morph(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (from.isEqualNode(to)) return;
  syncAttributes(from, to);
  syncChildren(from, to);
}

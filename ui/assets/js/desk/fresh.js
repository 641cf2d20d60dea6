// Replaces the parts of the page that carry data-fresh by what the server says now, and leaves what somebody reads
// where it is on the screen.
const parts = (root) => new Map([...root.querySelectorAll('[data-fresh]')].map((part) => [part.dataset.fresh, part]));

// The first row that is whole on the screen, or the selected one: it must not move.
function anchorOf(part) {
  const rows = [...part.querySelectorAll('[data-row]')];
  const row = rows.find((one) => one.classList.contains('is-selected')) ?? rows.find((one) => one.getBoundingClientRect().top >= 0);
  return row ? { code: row.dataset.row, top: row.getBoundingClientRect().top } : null;
}

function keepInPlace(part, anchor) {
  const row = anchor && part.querySelector(`[data-row="${CSS.escape(anchor.code)}"]`);
  if (row && window.scrollY > 0) window.scrollBy({ top: row.getBoundingClientRect().top - anchor.top, behavior: 'instant' });
}

function replace(part, made) {
  if (part.innerHTML === made.innerHTML) return false;
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const anchor = anchorOf(part);
  for (const { name, value } of made.attributes) part.setAttribute(name, value);
  part.replaceChildren(...[...made.childNodes].map((node) => document.importNode(node, true)));
  keepInPlace(part, anchor);
  if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  return true;
}

/** Puts the parts of `made` (a document) in the place of those here; names of the ones that changed. */
export function put(made) {
  const changed = new Set();
  const fresh = parts(made);
  for (const [name, part] of parts(document)) if (fresh.has(name) && replace(part, fresh.get(name))) changed.add(name);
  return changed;
}

// Names of the parts that changed; an empty set when the page could not be had.
export async function refresh(address = location.href) {
  const headers = { 'Accept': 'text/html', 'X-Refresh': '1' }; // nobody asked: this keeps no session alive
  const answer = await fetch(address, { headers, credentials: 'same-origin', cache: 'no-store' }).catch(() => null);
  if (answer?.redirected) location.reload(); // the session has ended: what stands here is for nobody who comes by
  if (!answer?.ok || answer.redirected) return new Set();
  return put(new DOMParser().parseFromString(await answer.text(), 'text/html'));
}

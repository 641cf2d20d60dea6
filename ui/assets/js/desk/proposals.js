// The proposals of a request: one key confirms the one at hand and goes on to the next, the words in the message and
// their proposal show each other, and an answer changes the page in place. Without this file the buttons are forms and
// the numbers links, which do the same.
import { put } from './fresh.js';

const page = document.querySelector('[data-request]');
const items = () => [...page.querySelectorAll('[data-proposal]')];
const isOpen = (item) => item.dataset.verdict === 'open';
const byNumber = (number) => page.querySelector(`[data-proposal="${CSS.escape(number)}"]`);
const words = (name) => page.querySelector(`[data-words="${name}"]`)?.textContent ?? '';
const button = (item, answer) => item?.querySelector(`[data-answer="${answer}"]`);
/** "Pratica SCIA 214/2026": what it is, without how sure and what follows. */
const shown = (item) => [...item?.querySelectorAll('.proposal-words > .request-read, .proposal-words > .proposal-value') ?? []]
  .map((part) => part.textContent.replace(/\s+/g, ' ').trim()).join(' ');

function say(text) {
  page.querySelector('[data-say]').textContent = text;
}

/* --- the one at hand: the focused one, else the first open one ----------------------------------------------- */

function focusedItem() {
  const at = document.activeElement;
  const mark = at?.closest('[data-mark]');
  return mark ? byNumber(mark.dataset.mark) : at?.closest('[data-proposal]') ?? null;
}

/** The first open one from `item` on, then from the beginning; null when all have an answer. */
function openFrom(item) {
  const all = items();
  const at = Math.max(0, all.indexOf(item));
  return [...all.slice(at), ...all.slice(0, at)].find(isOpen) ?? null;
}

function showCurrent() {
  const current = openFrom(focusedItem());
  for (const item of items()) item.classList.toggle('is-current', item === current);
}

/* --- pairs: a mark and its proposal --------------------------------------------------------------------------- */

let hovered = null;

/** Numbers of the proposals that these words became, and of the proposal at hand. */
const halves = (target) => {
  const number = target?.closest('[data-mark]')?.dataset.mark;
  const around = target?.closest('[data-within]')?.dataset.within.split(' ') ?? [];
  return { fromWords: number ? [number] : around, fromProposal: target?.closest('[data-proposal]')?.dataset.proposal };
};

/** Outlines the other half of what the eye or the focus is at. */
function showPairs() {
  const at = [hovered, document.activeElement].map(halves);
  const ofWords = at.flatMap(({ fromWords }) => fromWords);
  const ofProposals = at.map(({ fromProposal }) => fromProposal).filter(Boolean);
  for (const item of items()) item.classList.toggle('is-pair', ofWords.includes(item.dataset.proposal));
  for (const mark of page.querySelectorAll('[data-within]'))
    mark.classList.toggle('is-pair', mark.dataset.within.split(' ').some((number) => ofProposals.includes(number)));
}

/** Folds around the words open, so that they can be seen. */
function unfold(element) {
  for (let at = element?.parentElement; at; at = at.parentElement) if (at.localName === 'details') at.open = true;
}

function follow(event) {
  const link = event.target.closest('a[href^="#testo-"], a[href^="#proposta-"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  unfold(target);
  history.replaceState(null, '', link.hash);
  target.scrollIntoView({ block: 'center' });
  target.focus({ preventScroll: true });
}

/* --- answers --------------------------------------------------------------------------------------------------- */

let queue = Promise.resolve(); // one after the other: each key means what stands there when its turn comes

async function send(form) {
  const options = { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { 'Accept': 'text/html' }, credentials: 'same-origin' };
  const answer = await fetch(form.action, options).catch(() => null);
  const there = answer?.redirected && new URL(answer.url).pathname === location.pathname;
  if (answer?.redirected && !there) location.reload(); // the session has ended
  page.querySelector('[data-not-said]').hidden = Boolean(answer?.ok);
  if (!answer?.ok || !there) return false;
  put(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  return true;
}

/** The answer of `item`, with the whole of it in sight; when none is left, the decision that follows. */
function focusOn(item, answer) {
  const target = button(item, answer) ?? button(item, 'open') ?? page.querySelector('#request-decide') ?? page.querySelector('#request-proposals');
  target.focus({ preventScroll: true });
  (item ?? target).scrollIntoView({ block: 'nearest' });
}

/** Answers by the form; `goesOn`: the focus moves to the next open one, else it stays with this one. */
async function answer(form, goesOn) {
  const number = form.closest('[data-proposal]')?.dataset.proposal;
  const said = form.elements.verdict.value;
  const before = number ? shown(byNumber(number)) : '';
  if (!(await send(form))) return;
  const item = number ? byNumber(number) : null;
  const next = openFrom(item);
  const told = number ? `${words(said)} ${before.replace(/\.?$/, '.')}` : words('all');
  say(`${told} ${next ? `${words('next')} ${question(next)}` : words('none')}`);
  focusOn(goesOn || !item ? next : item, 'confirmed');
  showCurrent();
}

function enqueue(task) {
  queue = queue.then(task, task);
  return queue;
}

const isChoice = (item) => Boolean(item?.classList.contains('proposal-choice'));

/** "Si può leggere in più modi: quale è giusto?" where `item` is one of them, and what it is. */
function question(item) {
  if (!isChoice(item)) return shown(item);
  return `${page.querySelector('.proposal-choose').firstChild.textContent.trim()} ${shown(item)}`;
}

const press = (said) => {
  if (!items().length) return false;
  const seen = openFrom(focusedItem())?.dataset.proposal;
  enqueue(async () => {
    const item = openFrom(focusedItem());
    // one of several readings is chosen by who has come to it, not by a key pressed before
    if (isChoice(item) && item.dataset.proposal !== seen) return focusOn(item, 'confirmed');
    const form = button(item, said)?.form;
    if (form) await answer(form, true);
  });
};

function pressAll() {
  const form = () => page.querySelector('[data-verdict-all]');
  if (!form()) return false;
  enqueue(async () => form() && answer(form(), true));
}

/** Keys of the proposals, for listenToKeys. */
export const proposalKeys = {
  c: (event) => (event.shiftKey ? pressAll() : press('confirmed')),
  n: (event) => (event.shiftKey ? false : press('rejected')),
};

page.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-verdict-form]')) return;
  event.preventDefault();
  enqueue(() => answer(event.target, event.target.matches('[data-verdict-all]')));
});
page.addEventListener('click', follow);
document.addEventListener('focusin', () => {
  showPairs();
  showCurrent();
});
page.addEventListener('pointerover', (event) => {
  hovered = event.target;
  showPairs();
});
if (location.hash.startsWith('#testo-')) unfold(document.getElementById(location.hash.slice(1)));
showCurrent();

// One request: keys for its buttons and its proposals (proposals.js), and the seconds in which a decision can be taken back.
import { listenToKeys } from './keys.js';
import { proposalKeys } from './proposals.js';

const page = document.querySelector('[data-request]');

function countDown(pending) {
  const ends = performance.now() + Number(pending.dataset.pending) * 1000;
  const shown = pending.querySelector('[data-seconds]');
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    shown.textContent = left;
    if (left > 0) return;
    clearInterval(timer);
    pending.hidden = true;
  }, 250);
}

const pending = page.querySelector('[data-pending]');
if (pending) countDown(pending);
listenToKeys({
  extra: {
    ...proposalKeys,
    Escape: () => page.querySelector('[data-back]')?.click(),
  },
});

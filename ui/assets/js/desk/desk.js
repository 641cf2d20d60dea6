// The desk: rows that keys walk through, live parts, a sound when somebody waits.
import { listenToKeys } from './keys.js';
import { refresh } from './fresh.js';
import { play, prepare } from './sound.js';

const desk = document.querySelector('[data-desk]');
const rows = () => [...desk.querySelectorAll('[data-row]')];
const waiting = () => Number(desk.querySelector('[data-waiting]')?.dataset.waiting ?? 0);
const words = (name) => desk.querySelector(`[data-words="${name}"]`)?.textContent ?? '';
let chosen = null; // code of the selected row

const selected = () => rows().find((row) => row.dataset.row === chosen) ?? null;

function mark() {
  for (const row of rows()) {
    const is = row.dataset.row === chosen;
    row.classList.toggle('is-selected', is);
    if (is) row.querySelector('[data-open]').setAttribute('aria-current', 'true');
    else row.querySelector('[data-open]').removeAttribute('aria-current');
  }
}

function select(row) {
  if (!row) return;
  chosen = row.dataset.row;
  mark();
  row.querySelector('[data-open]').focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.dataset.row === chosen);
  select(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
}

function say(text) {
  const place = desk.querySelector('[data-say]');
  if (place) place.textContent = text;
}

let title = document.title;
function noteWaiting(before) {
  const now = waiting();
  document.title = now ? `(${now}) ${title}` : title;
  if (now <= before) return;
  play();
  say(words('waiting'));
}

let busy = false;
let again = false;
async function renew(event) {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  const before = waiting();
  const count = rows().length;
  const changed = await refresh();
  busy = false;
  mark();
  noteWaiting(before);
  if (event === 'request' && changed.has('rows') && rows().length > count) say(words('new'));
  if (again) {
    again = false;
    renew(event);
  }
}

// Reconnects by itself with growing pauses, and looks once after each gap.
function listen(path) {
  let pause = 1000;
  const connect = () => {
    const address = new URL(path, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address);
    socket.addEventListener('open', () => {
      if (pause > 1000) renew();
      pause = 1000;
    });
    socket.addEventListener('message', ({ data }) => renew(JSON.parse(data).event));
    socket.addEventListener('close', () => {
      pause = Math.min(pause * 2, 30000);
      setTimeout(connect, pause);
    });
  };
  connect();
}

desk.addEventListener('focusin', (event) => {
  const row = event.target.closest('[data-row]');
  if (!row || row.dataset.row === chosen) return;
  chosen = row.dataset.row;
  mark();
});

listenToKeys({
  selected,
  extra: {
    j: () => step(1),
    k: () => step(-1),
    Enter: (event) => {
      if (event.target.closest('a, button, summary') || !selected()) return false;
      selected().querySelector('[data-open]').click();
    },
  },
});
if (desk.dataset.live) {
  prepare(desk.querySelector('[data-sound-off]'));
  listen(desk.dataset.live);
  noteWaiting(0);
  setInterval(renew, 60000); // minutes of waiting and countdowns
}

/* room.js - the page /sala/{token} and the officer's room: device check, lobby, call.
 *
 * All texts stand prepared in the page (data-text-…, <template> and hidden elements); this file shows and hides.
 * The server says who is here and what state the appointment is in; nobody counts as present before "Entra".
 */
import { Channel, besidePage } from './channel.js';
import { Media, chime } from './media.js';
import { Call } from './call.js';
import { Countdown } from './countdown.js';

const page = document.querySelector('[data-room]');
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const isOfficer = page.dataset.role === 'officer';
const media = new Media();
const countdown = new Countdown(part('countdown'));
const state = { step: 'check', own: 0, call: null, channel: null, entered: false, admitted: false };

/* The test of the whole story reads these numbers; so does whoever asks why a call is bad. */
window.roomStatistics = () => state.call?.statistics() ?? Promise.resolve(null);

function show(step) {
  state.step = step;
  page.dataset.step = step;
  for (const section of page.querySelectorAll('[data-step]'))
    section.hidden = section.dataset.step !== step;
  const title = page.querySelector(`[data-step="${step}"] [data-focus]`);
  title?.focus({ preventScroll: false });
}

/** One of the prepared texts, put into the polite live region. */
function say(name) {
  const text = page.querySelector(`[data-says="${name}"]`)?.textContent ?? '';
  part('status').textContent = text.trim();
}

function showProblems() {
  for (const warning of page.querySelectorAll('[data-problem]')) {
    const [kind, reason] = warning.dataset.problem.split('-');
    warning.hidden = media.problems[kind] !== reason;
  }
}

async function fillSelectors() {
  const devices = await media.devices();
  for (const kind of ['camera', 'microphone', 'speaker']) {
    const select = part(`select-${kind}`);
    if (!select) continue;
    const chosen = select.value;
    select.replaceChildren(...devices[kind].map((device, index) => {
      const option = document.createElement('option');
      option.value = device.deviceId;
      option.textContent = device.label || `${select.dataset.textDevice} ${index + 1}`;
      return option;
    }));
    if (devices[kind].some((device) => device.deviceId === chosen)) select.value = chosen;
    select.closest('[data-selector]').hidden = devices[kind].length === 0;
  }
}

function showPreview() {
  for (const preview of page.querySelectorAll('[data-own-video]')) {
    preview.srcObject = media.stream;
    preview.play().catch(() => {}); // a stream that ends while it starts
    preview.closest('[data-own]')?.classList.toggle('is-dark', !media.isOn('camera'));
  }
  media.startLevel((level) => { part('level').value = level; });
  for (const kind of ['camera', 'microphone']) showToggle(kind);
}

function showToggle(kind) {
  for (const button of page.querySelectorAll(`[data-toggle="${kind}"]`)) {
    const on = media.isOn(kind);
    button.setAttribute('aria-pressed', String(on));
    button.querySelector('[data-when-on]').hidden = !on;
    button.querySelector('[data-when-off]').hidden = on;
    button.disabled = !media.track(kind);
  }
}

async function openMedia(choice) {
  await media.open(choice);
  showProblems();
  showPreview();
  await fillSelectors();
  if (state.call) await state.call.replace(media.stream);
}

function toggle(kind) {
  media.set(kind, !media.isOn(kind));
  showToggle(kind);
  showPreview();
  tellMedia();
}

function tellMedia() {
  state.channel?.send({ type: 'media', camera: media.isOn('camera'), microphone: media.isOn('microphone') });
}

function enter() {
  state.entered = true;
  if (!state.channel) connect();
  else if (state.own) state.channel.send({ type: 'enter' });
}

function connect() {
  state.channel = new Channel(besidePage(page.dataset.live));
  state.channel.onstate = (what) => {
    part('lost').hidden = what !== 'lost';
    if (what === 'ended' || what === 'replaced') finish(what);
  };
  state.channel.listen(handle);
}

const handlers = {
  welcome(message) {
    state.own = message.you;
    countdown.start(message.starts_at, message.ends_at, message.now);
    if (state.call) state.call.close();
    state.call = new Call({
      own: message.you,
      ice: message.ice,
      stream: media.stream,
      send: (to, data) => state.channel.send({ type: 'signal', to, data }),
    });
    state.call.onstream = showVideo;
    state.call.ongone = hideVideo;
    state.call.onfailed = () => { part('failed').hidden = false; };
    state.call.onstate = (id, connection) => {
      if (connection === 'connected') part('failed').hidden = true;
      page.dataset.connection = connection;
    };
    if (state.entered) state.channel.send({ type: 'enter' });
  },
  lobby(message) {
    if (isOfficer) {
      showWaiting(message.waiting);
      return;
    }
    if (state.step !== 'lobby') {
      show('lobby');
      say('waiting');
    }
    part('place').textContent = message.place;
    part('wait').hidden = !message.wait_min;
    part('wait-min').textContent = message.wait_min;
  },
  admitted() {
    state.admitted = true;
    show('room');
    say('admitted');
    tellMedia();
    chime().catch(() => {});
  },
  async peers(message) {
    const others = message.peers.filter((peer) => peer.id !== state.own);
    showPeople(others);
    state.call.reconcile(others.map((peer) => peer.id));
  },
  signal: (message) => state.call.signal(message.from, message.data),
  extended(message) {
    countdown.start(message.starts_at, message.ends_at, message.now);
  },
  ended: (message) => finish(message.reason ?? 'ended'),
  refused: (message) => finish(message.reason),
};

function handle(message) {
  return handlers[message.type]?.(message);
}

function showWaiting(waiting) {
  const list = part('waiting');
  list.replaceChildren(...waiting.map((person) => {
    const row = part('waiting-row').content.firstElementChild.cloneNode(true);
    row.querySelector('[data-name]').textContent = person.name;
    row.querySelector('[data-admit]').addEventListener('click', () =>
      state.channel.send({ type: 'admit', peer: person.id }));
    return row;
  }));
  part('nobody-waiting').hidden = waiting.length > 0;
  const known = Number(list.dataset.count ?? 0);
  if (waiting.length > known) chime([659, 784]).catch(() => {});
  list.dataset.count = String(waiting.length);
}

function tileOf(id) {
  return part('people').querySelector(`[data-peer="${id}"]`);
}

function showPeople(others) {
  for (const person of others) {
    let tile = tileOf(person.id);
    if (!tile) {
      tile = part('person').content.firstElementChild.cloneNode(true);
      tile.dataset.peer = person.id;
      part('people').append(tile);
    }
    tile.querySelector('[data-name]').textContent = person.name;
    tile.querySelector('[data-camera-off]').hidden = person.camera;
    tile.querySelector('[data-microphone-off]').hidden = person.microphone;
  }
  const ids = others.map((person) => String(person.id));
  for (const tile of part('people').querySelectorAll('[data-peer]'))
    if (!ids.includes(tile.dataset.peer)) tile.remove();
  part('alone').hidden = others.length > 0;
}

function showVideo(id, stream) {
  const tile = tileOf(id);
  if (!tile) return;
  const video = tile.querySelector('video');
  if (video.srcObject !== stream) video.srcObject = stream;
  video.play().catch((error) => { // any other error: the stream has changed, and plays
    if (error.name === 'NotAllowedError') part('press-to-hear').hidden = false;
  });
}

function hideVideo(id) {
  tileOf(id)?.remove();
}

function finish(reason) {
  state.call?.close();
  state.channel?.close();
  media.stop();
  countdown.stop();
  for (const text of page.querySelectorAll('[data-end]'))
    text.hidden = text.dataset.end !== reason;
  show('end');
}

function leave() {
  state.channel?.send({ type: 'leave' });
  finish('left');
}

/* Without camera: the microphone stays. Without both: whoever only listens may enter too. */
async function joinWithoutCamera() {
  await openMedia({ camera: null, microphone: part('select-microphone')?.value || undefined });
  enter();
}

const actions = {
  enter,
  leave,
  'enter-without-camera': joinWithoutCamera,
  'try-sound': () => chime(),
  'try-again': () => openMedia({}),
  'press-to-hear': () => {
    page.querySelectorAll('[data-peer] video').forEach((video) => video.play());
    part('press-to-hear').hidden = true;
  },
};

page.addEventListener('click', (event) => {
  const button = event.target.closest('[data-action], [data-toggle]');
  if (!button) return;
  if (button.dataset.toggle) toggle(button.dataset.toggle);
  else actions[button.dataset.action]?.();
});

for (const kind of ['camera', 'microphone'])
  part(`select-${kind}`)?.addEventListener('change', () => openMedia({
    camera: part('select-camera').value || undefined,
    microphone: part('select-microphone').value || undefined,
  }));

part('select-speaker')?.addEventListener('change', (event) => {
  page.querySelectorAll('video').forEach((video) => video.setSinkId?.(event.target.value));
});

/* M, C: as in every meeting program; not while somebody types. */
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, textarea, select')) return;
  if (event.key === 'm') toggle('microphone');
  if (event.key === 'c') toggle('camera');
});

window.addEventListener('pagehide', () => state.channel?.close());

show('check');
openMedia({}).then(() => { page.dataset.ready = 'true'; });

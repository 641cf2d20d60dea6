// Two soft tones when somebody waits in the lobby. Browsers allow sound after the first press or key on a page.
let context = null;

function open() {
  context ??= new AudioContext();
  return context.state === 'suspended' ? context.resume() : Promise.resolve();
}

function tone(at, frequency) {
  const oscillator = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.2, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.5);
}

export function play() {
  if (context?.state !== 'running') return false;
  tone(context.currentTime, 660);
  tone(context.currentTime + 0.25, 880);
  return true;
}

// Shows `hint` until sound is allowed; any press on the page allows it.
export function prepare(hint) {
  const settle = () => {
    if (hint) hint.hidden = context?.state === 'running';
  };
  const allow = () => open().then(settle, settle);
  for (const event of ['pointerdown', 'keydown']) addEventListener(event, allow, { once: true });
  hint?.addEventListener('click', () => allow().then(play));
  settle();
}

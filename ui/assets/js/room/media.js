/* media.js - camera and microphone: opening them, choosing between them, the level bar, the trial sound.
 *
 * Every failure is a word (`no_camera`, `denied`, `busy`, `insecure`) that the page shows as a prepared text:
 * no text for people is made here.
 */
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

function reasonOf(error) {
  switch (error?.name) {
    case 'NotAllowedError':
    case 'SecurityError': return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError': return 'missing';
    case 'NotReadableError':
    case 'AbortError': return 'busy';
    default: return 'unknown';
  }
}

export class Media {
  stream = new MediaStream();
  problems = {};
  #level = null;

  static isPossible() {
    return window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
  }

  /** Opens both; when one of them fails the other is still opened. */
  async open({ camera, microphone } = {}) {
    this.problems = {};
    if (!Media.isPossible()) {
      this.problems = { camera: 'insecure', microphone: 'insecure' };
      return;
    }
    const video = camera === null ? false : { ...VIDEO, ...(camera ? { deviceId: { exact: camera } } : {}) };
    const audio = { ...AUDIO, ...(microphone ? { deviceId: { exact: microphone } } : {}) };
    try {
      this.#replace(await navigator.mediaDevices.getUserMedia({ video, audio }));
      return;
    } catch { /* one of them at least: each on its own tells which */ }
    const tracks = new MediaStream();
    for (const [kind, wanted] of [['camera', { video }], ['microphone', { audio }]]) {
      if (kind === 'camera' && !video) continue;
      try {
        const one = await navigator.mediaDevices.getUserMedia(wanted);
        one.getTracks().forEach((track) => tracks.addTrack(track));
      } catch (error) {
        this.problems[kind] = reasonOf(error);
      }
    }
    this.#replace(tracks);
  }

  #replace(stream) {
    this.stream.getTracks().forEach((track) => track.stop());
    this.stream = stream;
  }

  async devices() {
    if (!Media.isPossible()) return { camera: [], microphone: [], speaker: [] };
    const all = await navigator.mediaDevices.enumerateDevices();
    const of = (kind) => all.filter((device) => device.kind === kind);
    return { camera: of('videoinput'), microphone: of('audioinput'), speaker: of('audiooutput') };
  }

  track(kind) {
    return kind === 'camera' ? this.stream.getVideoTracks()[0] : this.stream.getAudioTracks()[0];
  }

  isOn(kind) {
    return Boolean(this.track(kind)?.enabled);
  }

  set(kind, on) {
    const track = this.track(kind);
    if (track) track.enabled = on;
    return this.isOn(kind);
  }

  /** Calls `show` with the loudness 0..1 about twenty times a second, until stopLevel. */
  startLevel(show) {
    this.stopLevel();
    if (!this.track('microphone')) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    const source = context.createMediaStreamSource(new MediaStream([this.track('microphone')]));
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      show(Math.min(1, Math.sqrt(power) * 4));
    }, 50);
    this.#level = { context, timer };
  }

  stopLevel() {
    if (!this.#level) return;
    clearInterval(this.#level.timer);
    this.#level.context.close();
    this.#level = null;
  }

  stop() {
    this.stopLevel();
    this.stream.getTracks().forEach((track) => track.stop());
  }
}

/** A short chord made by the browser: for "Prova audio", for who is admitted, and for the desk. */
export async function chime(notes = [523, 659, 784]) {
  const context = new AudioContext();
  if (context.state === 'suspended') await context.resume().catch(() => {});
  notes.forEach((frequency, index) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + index * 0.18;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.45);
  });
  setTimeout(() => context.close(), 500 + notes.length * 200);
}

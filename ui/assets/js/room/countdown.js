/* countdown.js - the time that is left of the slot, by the server's clock.
 *
 * The server says what time it is for it; the difference is kept on the monotonic clock, so that neither a wrong clock of
 * the citizen's computer nor a moved one changes it. The prepared texts are chosen by state: before, during, over.
 */
export class Countdown {
  #element;
  #timer = null;

  constructor(element) {
    this.#element = element;
  }

  start(startsAt, endsAt, now) {
    this.stop();
    const base = performance.now();
    const tick = () => {
      const at = now + (performance.now() - base) / 1000;
      const phase = at < startsAt ? 'before' : at < endsAt ? 'during' : 'over';
      const left = Math.max(0, Math.floor((phase === 'before' ? startsAt : endsAt) - at));
      this.#show(phase, phase === 'over' ? Math.floor(at - endsAt) : left);
    };
    tick();
    this.#timer = setInterval(tick, 1000);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #show(phase, seconds) {
    if (!this.#element) return;
    this.#element.dataset.phase = phase;
    this.#element.classList.toggle('is-short', phase === 'during' && seconds <= 120);
    for (const text of this.#element.querySelectorAll('[data-phase]'))
      text.hidden = text.dataset.phase !== phase;
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    for (const place of this.#element.querySelectorAll('[data-clock]')) place.textContent = clock;
  }
}

/* channel.js - the live connection of a room.
 *
 * Messages are queued from the first byte, also before anybody listens, and handled one after the other:
 * the next waits until the promise of the one before has settled. A lost connection is made again with growing
 * pauses; the server tells a returning seat everything anew in its `welcome`.
 */
export class Channel {
  #address;
  #handler = null;
  #queue = [];
  #busy = false;
  #socket = null;
  #attempt = 0;
  #closed = false;
  onstate = () => {};

  constructor(address) {
    this.#address = address;
    this.#open();
  }

  /** The one who handles messages: (message) => void or promise. What waited is handled first. */
  listen(handler) {
    this.#handler = handler;
    this.#drain();
  }

  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close() {
    this.#closed = true;
    this.#socket?.close(1000);
  }

  #open() {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#attempt = 0;
      this.onstate('open');
    });
    socket.addEventListener('message', (event) => {
      this.#queue.push(JSON.parse(event.data));
      this.#drain();
    });
    socket.addEventListener('close', (event) => {
      if (this.#closed || this.#socket !== socket) return;
      if (event.code === 4003 || event.code === 4004) {
        this.onstate(event.code === 4003 ? 'replaced' : 'ended');
        return;
      }
      this.onstate('lost');
      const pause = Math.min(15000, 500 * 2 ** this.#attempt) * (0.75 + Math.random() / 2);
      this.#attempt += 1;
      setTimeout(() => { if (!this.#closed) this.#open(); }, pause);
    });
  }

  async #drain() {
    if (this.#busy || !this.#handler) return;
    this.#busy = true;
    while (this.#queue.length > 0) {
      const message = this.#queue.shift();
      try {
        await this.#handler(message);
      } catch (error) {
        console.warn('room: message not handled', message.type, error);
      }
    }
    this.#busy = false;
  }
}

/** ws: or wss: beside the page itself. */
export function besidePage(path) {
  const address = new URL(path, window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

// A WebSocket's client as RFC 6455 has it, small enough to be misused: what a browser would never send can be sent too.
import { createHash, randomBytes } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { until } from './server.mjs';

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

export class WebSocketClient {
  /** The open connection, or, when the server says no, an object with its status alone. */
  static connect(url, { headers = {}, tls = {} } = {}) {
    const { protocol, hostname, port, pathname } = new URL(url);
    const key = randomBytes(16).toString('base64');
    const wanted = { 'Host': `${hostname}:${port}`, 'Connection': 'Upgrade', 'Upgrade': 'websocket',
      'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key, ...headers };
    const head = [`GET ${pathname} HTTP/1.1`, ...Object.entries(wanted).map(([name, value]) => `${name}: ${value}`)];
    const socket = /^(wss|https):$/.test(protocol) ? connectSecure({ host: hostname, port, ...tls }) : connectPlain({ host: hostname, port });
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    return new Promise((done, failed) => {
      let seen = Buffer.alloc(0);
      socket.once('error', failed);
      const read = (bytes) => {
        seen = Buffer.concat([seen, bytes]);
        const end = seen.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', read).off('error', failed);
        const answer = seen.subarray(0, end).toString();
        const status = Number(answer.split(' ')[1]);
        if (status !== 101) {
          socket.destroy();
          done({ status });
          return;
        }
        const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        if (!answer.includes(`Sec-WebSocket-Accept: ${accept}`)) failed(new Error(`no handshake: ${answer}`));
        else done(new WebSocketClient(socket, seen.subarray(end + 4)));
      };
      socket.on('data', read);
    });
  }

  constructor(socket, early) {
    this.status = 101;
    this.socket = socket;
    this.said = []; // what came, parsed
    this.code = null; // of the server's close frame
    this.closed = false; // the connection is gone
    this.waiting = Buffer.alloc(0);
    socket.on('data', (bytes) => this.take(bytes));
    socket.on('error', () => {});
    socket.on('close', () => { this.closed = true; });
    this.take(early);
  }

  take(bytes) {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    for (;;) {
      const frame = this.frame();
      if (!frame) return;
      const { opcode, payload } = frame;
      if (opcode === opcodes.text) this.said.push(JSON.parse(payload.toString()));
      if (opcode === opcodes.ping) this.sendFrame('pong', payload);
      if (opcode === opcodes.close) {
        this.code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.sendFrame('close', payload.subarray(0, 2));
        this.socket.end();
      }
    }
  }

  /** The first whole frame of what waits; a server's frames are not masked (RFC 6455, 5.1). */
  frame() {
    const { waiting } = this;
    if (waiting.length < 2) return null;
    let length = waiting[1] & 0x7f;
    let at = 2;
    if (length === 126) {
      if (waiting.length < 4) return null;
      length = waiting.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (waiting.length < 10) return null;
      length = Number(waiting.readBigUInt64BE(2));
      at = 10;
    }
    if (waiting.length < at + length) return null;
    this.waiting = waiting.subarray(at + length);
    return { opcode: waiting[0] & 0x0f, payload: waiting.subarray(at, at + length) };
  }

  sendFrame(kind, payload, { masked = true } = {}) {
    const bytes = Buffer.from(payload);
    const long = bytes.length > 65535 ? 8 : bytes.length > 125 ? 2 : 0;
    const head = Buffer.alloc(2 + long);
    head[0] = 0x80 | opcodes[kind];
    head[1] = (masked ? 0x80 : 0) | (long === 8 ? 127 : long === 2 ? 126 : bytes.length);
    if (long === 2) head.writeUInt16BE(bytes.length, 2);
    if (long === 8) head.writeBigUInt64BE(BigInt(bytes.length), 2);
    if (!masked) {
      this.socket.write(Buffer.concat([head, bytes]));
      return;
    }
    const mask = randomBytes(4);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] ^= mask[i & 3];
    this.socket.write(Buffer.concat([head, mask, bytes]));
  }

  send(message) { this.sendFrame('text', JSON.stringify(message)); }

  /** The first message, of all that came or will, for which `wanted` is true; it is taken from the list. */
  async next(wanted, what, seconds = 20) {
    let index = -1;
    await until(() => { index = this.said.findIndex(wanted); return index >= 0; },
      () => `${what} (said so far: ${JSON.stringify(this.said).slice(0, 500)}, code ${this.code})`, seconds);
    return this.said.splice(index, 1)[0];
  }

  /** The code with which the server closes. */
  async ending(seconds = 20) {
    await until(() => this.closed, 'the end of the connection', seconds);
    return this.code;
  }

  close() {
    this.sendFrame('close', Buffer.from([0x03, 0xe8]));
    return this.ending();
  }

  destroy() { this.socket.destroy(); }
}

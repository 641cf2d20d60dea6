// An IMAP server of a few lines that keeps to a script, also where no honest server would. All it is told is kept.
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';

const usual = 'IMAP4rev1 IDLE MOVE UIDPLUS SASL-IR AUTH=PLAIN';
const encode = (text) => Buffer.from(text, 'latin1');

export class ImapServer {
  /**
   * tls: { certificate, key } of PEM files; implicit: TLS from the first byte (imaps), else STARTTLS; messages: [{ uid,
   * text, size, received, flags }]; on: { VERB(tag, rest, connection) } answers in place of what is usual, false: the
   * usual; capabilities, greeting: of the connection without TLS and with it.
   */
  static async start({ tls, implicit = true, messages = [], on = {}, capabilities = usual, greeting = '* OK ready', uidValidity = 1, permanentFlags = '\\Seen \\Deleted \\*' }) {
    const server = new ImapServer();
    Object.assign(server, { tls, implicit, messages, on, capabilities, greeting, uidValidity, permanentFlags });
    server.seen = ''; // all that any client said
    server.commands = []; // verbs with their words, after the login
    server.sockets = new Set();
    server.connections = 0;
    server.net = createServer((socket) => server.accept(socket));
    await new Promise((done) => server.net.listen(0, '127.0.0.1', done));
    server.port = server.net.address().port;
    return server;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.net.close(done));
  }

  secure(socket) {
    const secured = new TLSSocket(socket, { isServer: true, cert: readFileSync(this.tls.certificate), key: readFileSync(this.tls.key) });
    secured.on('error', () => {});
    return secured;
  }

  accept(raw) {
    this.connections += 1;
    this.sockets.add(raw);
    raw.on('error', () => {}).on('close', () => this.sockets.delete(raw));
    new Connection(this, this.implicit ? this.secure(raw) : raw, this.implicit).begin();
  }
}

class Connection {
  constructor(server, socket, isSecure) {
    Object.assign(this, { server, isSecure, text: '', sasl: null, idle: null });
    this.read(socket);
  }

  read(socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.server.seen += bytes.toString('latin1');
      this.text += bytes.toString('latin1');
      this.take();
    });
  }

  begin() { this.say(this.server.greeting); }

  say(...lines) {
    if (!this.socket.destroyed) this.socket.write(encode(lines.map((line) => `${line}\r\n`).join('')));
  }

  write(text) { if (!this.socket.destroyed) this.socket.write(typeof text === 'string' ? encode(text) : text); }
  hangUp() { this.socket.destroy(); }

  take() {
    for (let end = this.text.indexOf('\r\n'); end >= 0; end = this.text.indexOf('\r\n')) {
      const line = this.text.slice(0, end);
      this.text = this.text.slice(end + 2);
      this.command(line);
    }
  }

  command(line) {
    if (this.sasl) {
      this.say(`${this.sasl} OK logged in`);
      this.sasl = null;
      return;
    }
    if (this.idle && line === 'DONE') {
      this.say(`${this.idle} OK done`);
      this.idle = null;
      return;
    }
    const [, tag, verb, rest] = /^(\S+) ((?:UID )?\S+) ?(.*)$/.exec(line) ?? [null, '*', 'NONSENSE', ''];
    if (!/^(CAPABILITY|STARTTLS|AUTHENTICATE|LOGIN)$/.test(verb)) this.server.commands.push(`${verb} ${rest}`.trim());
    if (this.server.on[verb]?.call(this.server, tag, rest, this) ?? false) return;
    const usually = this[verb.replace('UID ', 'UID_')];
    if (usually) usually.call(this, tag, rest);
    else this.say(`${tag} OK done`);
  }

  CAPABILITY(tag) {
    const { capabilities } = this.server;
    this.say(`* CAPABILITY ${typeof capabilities === 'function' ? capabilities(this.isSecure) : capabilities}`, `${tag} OK done`);
  }

  STARTTLS(tag) {
    this.say(`${tag} OK begin`);
    const plain = this.socket;
    plain.removeAllListeners('data');
    this.isSecure = true;
    this.read(this.server.secure(plain));
  }

  AUTHENTICATE(tag, rest) {
    if (/ /.test(rest)) {
      this.say(`${tag} OK logged in`);
    } else {
      this.sasl = tag;
      this.say('+ ');
    }
  }

  SELECT(tag) {
    const { messages, uidValidity, permanentFlags } = this.server;
    this.say(`* ${messages.length} EXISTS`, `* OK [PERMANENTFLAGS (${permanentFlags})] flags`, `* OK [UIDVALIDITY ${uidValidity}] valid`,
      `* OK [UIDNEXT ${Math.max(0, ...messages.map((m) => m.uid)) + 1}] next`, `${tag} OK [READ-WRITE] selected`);
  }

  UID_SEARCH(tag, rest) {
    const from = Number(/UID (\d+):/.exec(rest)[1]);
    this.say(`* SEARCH ${this.server.messages.map((m) => m.uid).filter((uid) => uid >= from).join(' ')}`, `${tag} OK done`);
  }

  UID_FETCH(tag, rest) {
    const [, set, items] = /^(\S+) \((.*)\)$/.exec(rest);
    const wanted = set.split(',').map((range) => range.split(':').map(Number));
    this.server.messages.forEach((message, index) => {
      if (!wanted.some(([from, to = from]) => message.uid >= from && message.uid <= to)) return;
      const [, , first] = /BODY\.PEEK\[\](<0\.(\d+)>)?/.exec(items) ?? [];
      if (!/BODY/.test(items)) {
        this.say(`* ${index + 1} FETCH (UID ${message.uid} RFC822.SIZE ${message.size ?? message.text.length} INTERNALDATE "${message.received ?? imapDate(Date.now())}" FLAGS (${message.flags ?? ''}))`);
        return;
      }
      const text = first ? message.text.slice(0, Number(first)) : message.text;
      this.write(`* ${index + 1} FETCH (BODY[]${first ? '<0>' : ''} {${text.length}}\r\n${text} UID ${message.uid})\r\n`);
    });
    this.say(`${tag} OK done`);
  }

  IDLE(tag) {
    this.idle = tag;
    this.say('+ idling');
  }

  LOGOUT() { this.hangUp(); }
}

/** As INTERNALDATE has it. */
export function imapDate(ms) {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date(ms).toUTCString());
  return `${day}-${month}-${year} ${time} +0000`;
}

// A submission server that answers what a test wants, also what a right one never would. It keeps what it heard.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { TLSSocket, createSecureContext, createServer as createSecureServer } from 'node:tls';

const extensions = ({ isSecure, server }) => [
  'localhost', 'ENHANCEDSTATUSCODES', `SIZE ${server.sizeLimit}`,
  ...(server.startTls && !isSecure ? ['STARTTLS'] : []),
  ...(server.mechanisms && (isSecure || !server.context) ? [`AUTH ${server.mechanisms}`] : []),
];

class Conversation {
  constructor(server, socket, isSecure) {
    Object.assign(this, { server, isSecure, text: '', message: null, login: null, heard: [] });
    server.conversations.push(this);
    this.attach(socket);
    this.answer('CONNECT', '', '220 localhost ready');
  }

  attach(socket) {
    this.socket = socket;
    socket.on('data', (bytes) => this.take(bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => { this.isClosed = true; });
  }

  /** What the script says, else `usual`; 'drop' hangs up, 'hang' says nothing. */
  answer(verb, argument, usual) {
    const said = this.server.script?.(verb, argument, this) ?? usual;
    if (said === 'drop') this.socket.destroy();
    else if (said !== 'hang') this.socket.write(`${said}\r\n`);
    return said;
  }

  take(text) {
    this.text += text;
    for (;;) {
      const mark = this.message?.isData ? '\r\n.\r\n' : '\r\n';
      const end = this.text.indexOf(mark);
      if (end < 0) return;
      const line = this.text.slice(0, end);
      this.text = this.text.slice(end + mark.length);
      if (this.message?.isData) this.finish(line);
      else if (this.hear(line)) return;
    }
  }

  finish(raw) {
    const message = { ...this.message, raw: `${raw}\r\n`.replace(/^\.\./gm, '.'), conversation: this };
    this.message = null;
    const said = this.answer('END', message.recipient, '250 2.0.0 taken');
    message.isTaken = said.startsWith('250');
    this.server.messages.push(message);
  }

  /** True when the rest belongs to TLS. */
  hear(line) {
    this.heard.push(line);
    if (this.login) {
      this.goOnWithLogin(line);
      return false;
    }
    const [, verb, argument] = /^(\S*)\s*(.*)$/s.exec(line);
    const command = verb.toUpperCase();
    const path = /<(.*?)>/.exec(argument)?.[1];
    if (command === 'EHLO') {
      const lines = extensions(this);
      this.answer(command, argument, lines.map((l, i) => `250${i < lines.length - 1 ? '-' : ' '}${l}`).join('\r\n'));
    } else if (command === 'STARTTLS') {
      return this.startTls();
    } else if (command === 'AUTH') {
      this.beginLogin(argument);
    } else if (command === 'MAIL') {
      this.message = { sender: path };
      this.answer(command, path, '250 2.1.0 ok');
    } else if (command === 'RCPT') {
      this.message = { ...this.message, recipient: path };
      this.answer(command, path, '250 2.1.5 ok');
    } else if (command === 'DATA') {
      const said = this.answer(command, '', '354 go on');
      if (said.startsWith('354')) this.message.isData = true;
    } else if (command === 'QUIT') {
      this.answer(command, '', '221 bye');
      this.socket.end();
    } else {
      this.answer(command, argument, command === 'NOOP' || command === 'RSET' ? '250 ok' : '502 5.5.2 what?');
    }
    return false;
  }

  startTls() {
    const said = this.answer('STARTTLS', '', '220 go ahead');
    if (!said.startsWith('220')) return false;
    this.socket.removeAllListeners('data');
    this.isSecure = true;
    this.attach(new TLSSocket(this.socket, { isServer: true, secureContext: this.server.context }));
    return true;
  }

  /* PLAIN (RFC 4616), LOGIN and XOAUTH2, with or without an initial response. */
  beginLogin(argument) {
    const [mechanism, initial] = argument.split(' ');
    this.login = { mechanism: mechanism.toUpperCase(), said: [] };
    if (initial) this.goOnWithLogin(initial);
    else this.socket.write(this.login.mechanism === 'LOGIN' ? '334 VXNlcm5hbWU6\r\n' : '334 \r\n');
  }

  goOnWithLogin(line) {
    const { login } = this;
    login.said.push(Buffer.from(line, 'base64').toString());
    if (login.mechanism === 'LOGIN' && login.said.length === 1) {
      this.socket.write('334 UGFzc3dvcmQ6\r\n');
      return;
    }
    this.login = null;
    this.server.logins.push({ ...login, isSecure: this.isSecure });
    this.answer('AUTH', login.mechanism, '235 2.7.0 welcome');
  }
}

export class SmtpServer {
  /**
   * certificate: { certificate, key } of PEM files, for STARTTLS or (isTls) from the first byte; startTls: whether it is
   * offered; mechanisms: of AUTH, null for none; script(verb, argument, conversation): a reply, 'drop', 'hang' or nothing.
   */
  static async start({ port = 0, certificate = null, startTls = Boolean(certificate), isTls = false, mechanisms = null, sizeLimit = 52428800, script = null } = {}) {
    const server = new SmtpServer();
    const pem = certificate && { cert: readFileSync(certificate.certificate), key: readFileSync(certificate.key) };
    Object.assign(server, { startTls: startTls && !isTls, mechanisms, sizeLimit, script, conversations: [], messages: [], logins: [] });
    server.context = pem && createSecureContext(pem);
    const open = (socket) => new Conversation(server, socket, isTls);
    server.listener = isTls ? createSecureServer(pem, open) : createServer(open);
    server.listener.on('tlsClientError', () => {});
    await new Promise((done) => { server.listener.listen(port, '127.0.0.1', done); });
    server.port = server.listener.address().port;
    return server;
  }

  /** All that was ever said to it, but for letters. */
  heard() { return this.conversations.flatMap((conversation) => conversation.heard); }

  /** Messages it said 250 to. */
  taken() { return this.messages.filter((message) => message.isTaken); }

  stop() {
    for (const { socket } of this.conversations) socket.destroy();
    return new Promise((done) => { this.listener.close(done); });
  }
}

// What a mail server says over LMTP (RFC 2033): an envelope, a message, one answer for each recipient.
import { connect } from 'node:net';

/** Every line ends with CRLF, a dot that begins one is doubled, and one alone ends the message. */
export function stuffed(message) {
  const text = message.toString('latin1').replace(/\r?\n/g, '\r\n').replace(/(^|\r\n)\./g, '$1..');
  return Buffer.from(`${text}${text.endsWith('\r\n') || !text ? '' : '\r\n'}.\r\n`, 'latin1');
}

export class LmtpClient {
  /** Greeted, after LHLO; `offers` has what the server can do. */
  static async connect(path) {
    const client = new LmtpClient(path);
    const greeting = await client.reply();
    if (greeting.code !== 220) throw new Error(`greeted with ${greeting.text}`);
    client.offers = (await client.ask('LHLO mail.example')).text;
    return client;
  }

  constructor(path) {
    this.replies = [];
    this.waiting = [];
    let seen = '';
    let text = '';
    const over = () => {
      this.gone = true;
      while (this.waiting.length) this.waiting.shift()({ code: 0, text: 'the server is gone' });
    };
    this.socket = connect(path);
    this.socket.on('data', (bytes) => {
      const lines = (seen + bytes).split('\r\n');
      seen = lines.pop();
      for (const line of lines) {
        text += `${line}\n`;
        if (line[3] === '-') continue;
        this.take({ code: Number(line.slice(0, 3)), text });
        text = '';
      }
    });
    this.socket.on('error', over).on('close', over);
  }

  take(reply) {
    if (this.waiting.length) this.waiting.shift()(reply);
    else this.replies.push(reply);
  }

  /** The next one; its code is 0 when the server is gone. */
  reply() {
    if (this.replies.length) return Promise.resolve(this.replies.shift());
    if (this.gone) return Promise.resolve({ code: 0, text: 'the server is gone' });
    return new Promise((done) => this.waiting.push(done));
  }

  ask(line) {
    this.socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** The code for each of `recipients`: of RCPT when that was refused, else of the end of the message. */
  async send(message, recipients, sender = 'mittente@altrove.example') {
    const codes = [];
    const from = await this.ask(`MAIL FROM:<${sender}>`);
    if (from.code !== 250) return recipients.map(() => from.code);
    for (const recipient of recipients) codes.push((await this.ask(`RCPT TO:<${recipient}>`)).code);
    if (!codes.includes(250)) {
      await this.ask('RSET');
      return codes;
    }
    const data = await this.ask('DATA');
    if (data.code !== 354) return codes.map((code) => (code === 250 ? data.code : code));
    this.socket.write(stuffed(message));
    for (let i = 0; i < codes.length; i += 1) if (codes[i] === 250) codes[i] = (await this.reply()).code;
    return codes;
  }

  close() { this.socket.destroy(); }
}

/** One message in a connection of its own: the code for each recipient, 0 when there is no server. */
export async function lmtp(path, message, recipients, sender) {
  let client;
  try {
    client = await LmtpClient.connect(path);
    return await client.send(message, recipients, sender);
  } catch {
    return recipients.map(() => 0);
  } finally {
    client?.close();
  }
}

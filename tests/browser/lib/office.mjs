// The demo's office as the browser tests need it: mails that arrive, appointments, the clock. What happens here happens
// over HTTP, without a browser; what is tested happens in one.
import assert from 'node:assert/strict';
import { Client } from '../../flows/lib/client.mjs';
import { Demo, run } from '../../flows/lib/server.mjs';

export const friday = '2026-11-20T18:00:00+01:00';
export const tuesdayAtTen = Date.parse('2026-11-24T10:00:00+01:00') / 1000;

export const mail = (from, subject, text) => [
  `From: ${from}`, 'To: appuntamentiedilizia@comune.esempio.example', `Subject: ${subject}`,
  'Date: Fri, 20 Nov 2026 17:00:00 +0100', `Message-ID: <${subject.replace(/\W/g, '')}@studio.example>`,
  'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', text, '',
].join('\r\n');

export const linkIn = (letter, kind) =>
  new URL(new RegExp(`https?://\\S+/${kind}/[0-9A-Za-z]{26}`).exec(letter.text)[0]).pathname;

export class Office {
  static async open(options = {}) {
    const office = new Office();
    office.demo = await Demo.start({ now: friday, ...options });
    office.url = office.demo.url;
    office.officer = await new Client(office.url).login();
    return office;
  }

  close() { return this.demo.stop(); }

  /** A mail that becomes a request: its code and the path of the citizen's page, once the receipt is there. */
  async request(from, subject, text = 'Buongiorno, chiedo una videochiamata per la SCIA 12/2026.') {
    const message = Buffer.isBuffer(from) ? from : mail(from, subject, text);
    assert.equal(await this.demo.deliver(message), 0);
    const address = /^From: .*?([^\s<>]+@[^\s<>]+)/m.exec(message.toString())[1];
    const receipt = await this.demo.letter(address, /EDI-/);
    return { address, code: /EDI-[0-9A-Z]{4}-[0-9A-Z]{2}/.exec(receipt.subject)[0], own: linkIn(receipt, 'p') };
  }

  async decide(code, decision, fields) {
    const path = `/scrivania/r/${code}`;
    const { version } = (await this.officer.json(path)).request;
    const answer = await this.officer.post(`${path}/${decision}`, { versione: version, passo: 'conferma', ...fields }, path);
    assert.equal(answer.status, 303, answer.text.slice(0, 400));
  }

  book(code, start) { return this.decide(code, 'conferma', { inizio: start }); }

  /** The path of the citizen's seat, from the letter that has left. */
  async room(address) { return linkIn(await this.demo.letter(address, /Videochiamata confermata/), 'sala'); }

  /** RFC 3339, or 'appuntamento' for ten minutes before the next one. */
  async moveClock(to) {
    const fields = to.includes('T') ? { istante: to } : { dove: to };
    const answer = await this.officer.post('/orologio', { torna: '/', ...fields }, '/posta-di-prova');
    assert.equal(answer.status, 303);
  }

  command(options, input) {
    const { code, err } = run([...options, '--config', this.demo.config], input);
    assert.equal(code, 0, err);
  }
}

// What a letter's header promises, kept by the program: whoever answers it comes back into the request.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, sample, until } from './lib/server.mjs';

const chiara = 'm.zanolli@studiozanolli.example';

describe('a letter', () => {
  let demo;
  let desk;
  let receipt;
  let code;
  before(async () => {
    demo = await Demo.start({ now: '2026-11-20T09:00:00+01:00', environment: { SPORTELLO_MAIL_HOLD_S: '0' } });
    desk = await new Client(demo.url).login();
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    receipt = await demo.letter(chiara, /EDI-/);
    code = /EDI-\w{4}-\w{2}/.exec(receipt.subject)[0];
  });
  after(async () => { assert.equal(await demo.stop(), 0); });
  const incoming = async () => (await desk.json(`/scrivania/r/${code}`)).thread.filter((entry) => !entry.is_out).length;

  test('has its threading, its language and, an automatic one, what keeps machines from answering', async () => {
    const asked = /^Message-ID:\s*<(.+)>/mi.exec(sample('01-chiara-geometra-scia.eml').toString())[1];
    assert.equal(receipt.header('In-Reply-To'), `<${asked}>`);
    assert.ok(receipt.header('References').includes(`<${asked}>`));
    assert.equal(receipt.header('Auto-Submitted'), 'auto-replied');
    assert.equal(receipt.header('X-Auto-Response-Suppress'), 'DR, RN, NRN, OOF, AutoReply');
    assert.equal(receipt.header('Content-Language'), 'it');
    assert.equal(receipt.from.name, 'Edilizia privata - Comune di Esempio');
    assert.match(receipt.header('Message-ID'), /^<s\.\w{26}@comune\.esempio\.example>$/);
    assert.deepEqual(demo.rows('SELECT automatic, route FROM letter'), [['1', 'mail']]);
  });

  test('is answered at the tagged address: into its request, whatever the subject and without any other word of it', async () => {
    const [to] = receipt.replyTo;
    assert.match(to.address, new RegExp(`^appuntamentiedilizia\\+r-${code.toLowerCase()}\\.\\w{13}@comune\\.esempio\\.example$`));
    assert.equal(await demo.deliver(`From: ${chiara}\r\nTo: ${to.address}\r\nSubject: ancora una cosa\r\nMessage-ID: <altro@studio.example>\r\n`
      + 'Date: Fri, 20 Nov 2026 09:05:00 +0100\r\n\r\nDimenticavo: porto anche la tavola 4.\r\n'), 0);
    await until(async () => await incoming() === 2, 'the answer in the thread');
  });

  test('is answered so by the demo\'s mail page too', async () => {
    const [[id]] = demo.rows("SELECT id FROM letter WHERE kind = 'receipt'");
    const visitor = new Client(demo.url);
    const { form } = await visitor.json(`/posta-di-prova?rispondi=${id}`);
    const body = new FormData();
    const fields = { csrf: await visitor.csrf('/posta-di-prova'), ufficio: 'edilizia', nome: 'Marco Zanolli', da: form.da, oggetto: form.oggetto, risposta_a: form.risposta_a, testo: 'Va bene, grazie.' };
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const answer = await visitor.ask('/posta-di-prova', { method: 'POST', body });
    assert.equal(answer.status, 303, answer.text.slice(0, 300));
    await until(async () => await incoming() === 3, 'the answer in the thread');
    const raw = demo.rows("SELECT CAST(bytes AS TEXT) FROM message_piece").flat().join('\n');
    assert.ok(raw.includes(`To: ${receipt.replyTo[0].address}`), 'to the tagged address');
  });

  test('a firm is greeted as one, in German without a gender', async () => {
    assert.equal(await demo.deliver('From: Alpenbau GmbH <info@alpenbau.example>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\n'
      + 'Subject: Videogespraech\r\nMessage-ID: <bau@alpenbau.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\n\r\n'
      + 'Guten Tag, wir brauchen bitte einen Termin für ein Videogespräch zur SCIA 214/2026. Ing. Hans Huber\r\n'), 0);
    const letter = await demo.letter('info@alpenbau.example', /EDI-/);
    assert.equal(letter.header('Content-Language'), 'de');
    assert.match(letter.text, /^Guten Tag( Alpenbau GmbH| Hans Huber)?,/);
    assert.doesNotMatch(letter.text, /Ing\. Alpenbau/);
  });
});

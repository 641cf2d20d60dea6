// Mail of every kind (tests/data/mail-kinds) in a running office: which request it joins, what is answered, what is marked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, root, until } from './lib/server.mjs';

const folder = join(root, 'tests/data/mail-kinds');
const table = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
const letterId = 's.01KDQ8Z5K3M7N9P2R4T6V8X0YA@comune.esempio.example';
const paola = 'paola.neri@studioneri.example';
const starting = (...beginnings) => table.map(({ file }) => file).filter((file) => beginnings.some((beginning) => file.startsWith(beginning)));

describe('mail of every kind', () => {
  let demo;
  let desk;
  let code;
  let appointment;
  const page = () => `/scrivania/r/${code}`;
  const state = () => demo.rows(`SELECT state FROM appointment WHERE id = ${appointment}`)[0][0];
  const letters = (kind) => demo.rows(`SELECT recipient FROM letter WHERE kind = '${kind}' ORDER BY id`).map(([recipient]) => recipient);
  const failed = () => demo.rows(`SELECT count(*) FROM letter WHERE message_id = '${letterId}' AND state = 'failed'`)[0][0];

  /** Delivers the files; {file: code of the request it joined or became, or null}. */
  async function arrive(files) {
    const joined = {};
    for (const file of files) {
      const bytes = readFileSync(join(folder, `${file}.eml`), 'latin1').replaceAll('EDI-7K3M-9P', code);
      const [[known]] = demo.rows('SELECT count(*) FROM message');
      assert.equal(await demo.deliver(Buffer.from(bytes, 'latin1')), 0, file);
      await until(() => demo.rows("SELECT count(*), count(*) FILTER (WHERE state = 'stored') FROM message")[0].join() === `${Number(known) + 1},0`, `${file} to be filed`);
      const [[found]] = demo.rows("SELECT coalesce(r.code, '-') FROM message m LEFT JOIN request r ON r.id = m.request_id ORDER BY m.id DESC LIMIT 1");
      joined[file] = found === '-' ? null : found;
    }
    return joined;
  }
  const elsewhere = (joined, expected) => Object.entries(joined).filter(([, found]) => found !== expected).map(([file, found]) => `${file}: ${found || 'no request'}`);

  before(async () => {
    demo = await Demo.start({ now: '2026-11-23T12:00:00+01:00', environment: { SPORTELLO_MAIL_HOLD_S: '0' } });
    desk = await new Client(demo.url).login();
    const request = `From: Paola Neri <${paola}>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\nSubject: SCIA 77/2026\r\nMessage-ID: <prima@studioneri.example>\r\nDate: Mon, 23 Nov 2026 11:00:00 +0100\r\n\r\nBuongiorno, vorrei una videochiamata per la SCIA 77/2026.\r\nPaola Neri, 347 5550199\r\n`;
    assert.equal(await demo.deliver(Buffer.from(request)), 0);
    [code] = /EDI-\w{4}-\w{2}/.exec((await demo.letter(paola, /EDI-/)).subject);
    const answer = await desk.post(`${page()}/conferma`, { inizio: Date.parse('2026-12-01T15:40:00+01:00') / 1000, versione: 0 }, page());
    assert.equal(answer.status, 303, answer.text.slice(0, 400));
    await until(() => demo.rows("SELECT count(*) FROM letter WHERE kind = 'confirmation' AND state = 'sent'")[0][0] === '1', 'the confirmation');
    demo.rows(`UPDATE letter SET message_id = '${letterId}' WHERE kind = 'confirmation'`);
    demo.rows("UPDATE appointment SET uid = 'spo-000125@sportello.comune.esempio.example'");
    [[appointment]] = demo.rows('SELECT id FROM appointment');
  });
  after(() => demo.stop());

  test('answers above, below and between quoted letters of any program join their request; nothing is sent', async () => {
    assert.deepEqual(elsewhere(await arrive(starting('q')), code), []);
    assert.deepEqual([state(), letters('receipt')], ['booked', [paola]]);
  });

  test('the desk folds what they quote and shows what they say', async () => {
    const { thread } = await desk.json(page());
    const said = thread.filter((entry) => entry.is_in).map(({ blocks }) => blocks.map(({ is_quoted, pieces }) => [is_quoted, pieces.map(({ text }) => text).join('')]));
    const about = (words) => said.find((blocks) => blocks.some(([quoted, text]) => !quoted && text.includes(words)));
    for (const words of ['confermo la mia partecipazione', 'Va bene, a martedì!', 'Ok perfetto', 'Va benissimo', 'ich bestätige den Termin', 'Passt, danke', 'see you on Tuesday']) {
      const blocks = about(words);
      assert.deepEqual(blocks?.map(([quoted]) => quoted), [false, true], words);
      assert.doesNotMatch(blocks[0][1], /è confermata per martedì/, words);
      assert.match(blocks[1][1], /è confermata per martedì/, words);
    }
    assert.deepEqual(about('martedì ho un\'udienza').map(([quoted]) => quoted), [true, false], 'an answer below what it quotes');
    assert.deepEqual(about('Ci sarò senz\'altro').map(([quoted]) => quoted), [false], 'lines that are answered one by one stay');
    assert.match((await desk.get(page())).text, /<details class="request-quoted">\s*<summary>testo citato<\/summary>/);
  });

  test('calendars answer into the request; who refuses or takes back is asked once, and nothing is cancelled', async () => {
    const files = starting('c').filter((file) => !file.startsWith('c07'));
    assert.deepEqual(elsewhere(await arrive(files), code), []);
    assert.deepEqual([state(), letters('ask_cancel'), letters('cancelled')], ['booked', [paola], []]);
    const { 'c07-own-invitation-of-a-studio': studio } = await arrive(['c07-own-invitation-of-a-studio']);
    assert.ok(studio && studio !== code);
  });

  test('moves, cancellations and what only looks like one decide nothing', async () => {
    const files = starting('m', 'n', 'people').filter((file) => file !== 'people-36' && /In-Reply-To/.test(readFileSync(join(folder, `${file}.eml`), 'latin1')));
    assert.deepEqual(elsewhere(await arrive(files), code), []);
    assert.deepEqual([state(), letters('receipt').filter((one) => one === paola), letters('cancelled')], ['booked', [paola], []]);
    const own = ['n01-annullare-la-scia', 'n02-spostare-la-parete', 'n03-preventivo-annullato'];
    const joined = await arrive(own);
    assert.ok(own.every((file) => joined[file] && joined[file] !== code));
  });

  test('automatic answers and receipts of reading are filed and never answered', async () => {
    const known = demo.rows('SELECT count(*) FROM letter')[0][0];
    const files = starting('a0', 'a1', 'a2').filter((file) => table.find((row) => row.file === file).kind === 'auto_reply');
    const joined = await arrive(files);
    assert.deepEqual(Object.entries(joined).filter(([, found]) => found && found !== code), []);
    for (const file of ['a01-outlook-it', 'a07-notes-it-no-prefix', 'a09-zendesk-bare', 'a17-read-receipt-plain']) assert.equal(joined[file], code, file);
    assert.equal(demo.rows('SELECT count(*) FROM letter')[0][0], known);
  });

  test('newsletters, lists and our own letters are no requests; a Reply-To of ours is one without a receipt', async () => {
    const joined = await arrive([...starting('l', 'o01', 'o02', 'o04', 'o05')]);
    assert.deepEqual(Object.entries(joined).filter(([file, found]) => found && !(found === code && file.startsWith('o'))), []);
    const known = demo.rows('SELECT count(*) FROM letter')[0][0];
    const { 'o03-reply-to-ours': loop } = await arrive(['o03-reply-to-ours']);
    assert.ok(loop && loop !== code);
    assert.equal(demo.rows('SELECT count(*) FROM letter')[0][0], known);
  });

  test('a stranger with the code stays outside and cancels nothing', async () => {
    const { 's01-stranger-with-code': found } = await arrive(['s01-stranger-with-code']);
    assert.ok(found && found !== code);
    assert.equal(demo.rows(`SELECT to_read FROM request WHERE code = '${found}'`)[0][0], '1');
    assert.equal(state(), 'booked');
  });

  test('a letter that is late or was relayed has not failed; one that came back has', async () => {
    assert.deepEqual(elsewhere(await arrive(['b06-postfix-delayed', 'b10-relayed', 'b13-exchange-delayed-it', 'p07-preavviso']), code), []);
    assert.equal(failed(), '0');
    assert.deepEqual(elsewhere(await arrive(['b03-exchange-it-html']), code), []);
    assert.equal(failed(), '1');
    const others = starting('b').filter((file) => table.find((row) => row.file === file).action === 'flag_delivery_failure' && file !== 'b03-exchange-it-html');
    assert.deepEqual(elsewhere(await arrive(others), code), []);
    assert.deepEqual((await desk.json('/scrivania?elenco=non-consegnate')).rows.map((row) => row.code), [code]);
  });

  test('a final cancellation by the requester, in an answer to our letter, is carried out', async () => {
    assert.deepEqual(elsewhere(await arrive(['people-36']), code), []);
    assert.deepEqual([state(), letters('cancelled')], ['cancelled', [paola]]);
  });

  test('a reply with times to the receipt that asks for them gives the request its times', async () => {
    const head = 'From: Ugo Riva <ugo@studioriva.example>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\nDate: Mon, 23 Nov 2026 11:00:00 +0100\r\n';
    assert.equal(await demo.deliver(Buffer.from(`${head}Subject: CILA 5/2026\r\nMessage-ID: <ugo1@studioriva.example>\r\n\r\nVorrei una videochiamata per la CILA 5/2026.\r\n`)), 0);
    const receipt = await demo.letter('ugo@studioriva.example', /EDI-/);
    assert.equal(await demo.deliver(Buffer.from(`${head}Subject: Re: ${receipt.subject}\r\nMessage-ID: <ugo2@studioriva.example>\r\nIn-Reply-To: ${receipt.messageId}\r\n\r\nGiovedì 3 dicembre alle 10 va bene.\r\n`)), 0);
    const preferences = await until(() => {
      const [[reading]] = demo.rows("SELECT reading FROM request WHERE person_id = (SELECT id FROM person WHERE email = 'ugo@studioriva.example')");
      return JSON.parse(reading).preferences.length && JSON.parse(reading).preferences;
    }, 'the times');
    assert.deepEqual(preferences.map(({ date, from }) => [date, from]), [['2026-12-03', '10:00']]);
  });
});

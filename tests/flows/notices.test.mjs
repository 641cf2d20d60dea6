// What officers are told by mail: the summary of the morning once a working day, urgent notes at once and never twice, none
// of it where citizens look.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, officer, password, pause, run, sample, until } from './lib/server.mjs';

const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const zanolli = 'm.zanolli@studiozanolli.example';
const looks = 3000; // the clock looks every two seconds

describe('letters to officers', () => {
  let demo;
  let desk;
  let code;
  let path;
  const folder = mkdtempSync(join(tmpdir(), 'sportello-notices-'));
  const start = async (now) => {
    demo = await Demo.start({ folder, now, environment: { SPORTELLO_MAIL_HOLD_S: '0' } });
    desk = await new Client(demo.url).login();
  };
  const set = (...words) => run(['user', 'set', '--config', demo.config, '--email', officer, ...words]);
  const move = (moment) => desk.post('/orologio', { dove: 'istante', istante: moment }, '/posta-di-prova');
  const toOfficer = async () => (await demo.letters()).filter((l) => l.to[0].address === officer);
  before(() => start('2026-11-23T07:40:00+01:00')); // a Monday
  after(async () => {
    assert.equal(await demo.stop(), 0);
    rmSync(folder, { recursive: true, force: true });
  });

  test('each chooses by command line or on a page; nothing is sent to who did not', async () => {
    const shown = async () => { const { digest_daily: digest, urgent } = await desk.json('/scrivania/avvisi'); return [digest, urgent]; };
    assert.deepEqual(await shown(), [false, false], 'off unless somebody wants it');
    for (const [words, said] of [[[], /--digest or --urgent/], [['--digest', 'weekly'], /daily or off/], [['--urgent', 'maybe'], /yes or no/]]) {
      const wrong = set(...words);
      assert.equal(wrong.code, 2, words.join(' '));
      assert.match(wrong.err, said);
    }
    assert.equal(set('--digest', 'daily').code, 0);
    assert.deepEqual(await shown(), [true, false]);
    assert.equal(set('--urgent', 'yes').code, 0);
    assert.deepEqual(await shown(), [true, true]);
    const answer = await desk.post('/scrivania/avvisi', { urgenti: '1' });
    assert.deepEqual([answer.status, answer.location], [303, '/scrivania/avvisi?fatto=1']);
    assert.deepEqual(await shown(), [false, true], 'a box that is not sent is off');
    await desk.post('/scrivania/avvisi', { riepilogo: '1', urgenti: '1' });
    assert.equal((await new Client(demo.url).get('/scrivania/avvisi')).status, 303, 'for who is logged in');
    await move('2026-11-22T08:10');
    await pause(looks);
    assert.deepEqual(await toOfficer(), [], 'not on a Sunday');
  });

  test('the summary of the morning: what waits, with phone, mail and link; once, also over a restart', async () => {
    await move('2026-11-23T07:40');
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    const receipt = await demo.letter(zanolli, /EDI-/);
    code = /EDI-\w{4}-\w{2}/.exec(receipt.subject)[0];
    path = new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname;
    assert.deepEqual(await toOfficer(), [], 'before eight');
    await move('2026-11-23T08:00');
    const digest = await demo.letter(officer, /Da valutare: 1/);
    for (const part of [digest.text, digest.html]) {
      assert.match(part, new RegExp(`${demo.url}/scrivania/r/${code}`));
      assert.match(part, /Marco Zanolli/);
      assert.ok(part.includes(zanolli) && part.includes('+390455550134'), part);
      assert.match(part, /arrivata oggi/);
      assert.match(part, /Oggi non ci sono appuntamenti/);
    }
    assert.equal(digest.header('Auto-Submitted'), 'auto-generated');
    assert.match(digest.header('X-Auto-Response-Suppress'), /OOF/);
    assert.equal(await demo.stop(), 0);
    await start('2026-11-23T08:05:00+01:00');
    await pause(looks);
    assert.equal((await toOfficer()).length, 1);
    await move('2026-11-24T08:30');
    await until(async () => (await toOfficer()).length === 2, 'the next day\'s');
    assert.match((await toOfficer())[1].text, /arrivata ieri/);
  });

  test('with nothing to decide there is none, and none later that day', async () => {
    const done = await desk.post(`/scrivania/r/${code}/conferma`, { inizio: at('11-26T10:00'), versione: 0 }, `/scrivania/r/${code}`);
    assert.equal(done.status, 303, done.text.slice(0, 300));
    await move('2026-11-25T08:30');
    await until(() => demo.rows('SELECT digest_sent_on FROM officer')[0][0] === '2026-11-25', 'the look of that morning');
    assert.equal((await toOfficer()).length, 2);
  });

  test('a citizen who cancels tomorrow\'s appointment: one urgent note, not in the thread, one more when it happens again', async () => {
    const citizen = new Client(demo.url);
    assert.equal((await citizen.post(`${path}/annulla`, { motivo: 'solved' })).status, 303);
    const urgent = await demo.letter(officer, /Urgente: appuntamento annullato, giovedì 26 novembre, ore 10:00/);
    assert.match(urgent.text, new RegExp(`/scrivania/r/${code}`));
    assert.ok(urgent.text.includes('+390455550134'));
    assert.equal((await citizen.post(`${path}/ripristina`, {}, path)).status, 303);
    await pause(looks);
    assert.equal((await toOfficer()).length, 3, 'told once');
    assert.doesNotMatch((await citizen.get(path)).text, /Urgente|Da valutare/);
    const { thread } = await desk.json(`/scrivania/r/${code}`);
    assert.deepEqual(thread.filter((entry) => entry.recipient === officer), []);
    assert.equal((await citizen.post(`${path}/annulla`, { motivo: 'solved' })).status, 303);
    await until(async () => (await toOfficer()).length === 4, 'the second');
    assert.equal(await demo.stop(), 0);
    await start('2026-11-25T09:00:00+01:00');
    await pause(looks);
    assert.equal((await toOfficer()).length, 4, 'a restart tells nothing again');
  });

  test('a letter about an appointment that comes back, an invitation declined, a request that says urgent', async () => {
    const citizen = new Client(demo.url);
    assert.equal((await citizen.post(`${path}/ripristina`, {}, path)).status, 303);
    const mine = `request_id = (SELECT id FROM request WHERE code = '${code}')`;
    demo.rows(`UPDATE letter SET state = 'failed', last_error = '5.1.1' WHERE kind = 'confirmation' AND ${mine}`);
    await demo.letter(officer, /Urgente: lettera non consegnata/);
    demo.rows(`UPDATE participant SET partstat = 'DECLINED', partstat_at = ${at('11-25T09:01')} WHERE role = 'citizen'`);
    const declined = await demo.letter(officer, /Urgente: invito rifiutato/);
    assert.match(declined.text, /L'appuntamento resta/);
    assert.equal(await demo.deliver('From: Anna Bianchi <anna.bianchi@posta.example>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\n'
      + 'Subject: Urgente: SCIA 300/2026\r\nMessage-ID: <urgente@posta.example>\r\nDate: Wed, 25 Nov 2026 09:00:00 +0100\r\n\r\n'
      + 'Buongiorno, è urgente: vorrei una videochiamata per la SCIA 300/2026.\r\nAnna Bianchi, 347 5550199\r\n'), 0);
    const fresh = await demo.letter(officer, /Urgente: nuova richiesta/);
    assert.match(fresh.text, /Anna Bianchi/);
    await pause(looks);
    assert.equal((await toOfficer()).length, 7);
  });

  test('a letter that does not reach an officer is nobody\'s undelivered letter and makes no new note', async () => {
    const before = (await desk.json('/scrivania')).counts.undelivered;
    demo.rows("UPDATE letter SET state = 'failed', last_error = '5.1.1' WHERE kind IN ('urgent', 'digest')");
    await pause(looks);
    assert.equal((await desk.json('/scrivania')).counts.undelivered, before);
    assert.equal((await toOfficer()).length, 7);
  });

  test('who has left gets nothing', async () => {
    assert.equal(run(['user', 'disable', '--config', demo.config, '--email', officer]).code, 0);
    await move('2026-11-26T08:30');
    await pause(looks);
    assert.equal((await toOfficer()).length, 7);
    assert.equal(run(['user', 'enable', '--config', demo.config, '--email', officer], `${password}\n`).code, 0);
  });
});

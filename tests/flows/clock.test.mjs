// The demo's clock: it starts where it is told, jumps and comes back, and nothing that has happened happens again; nobody
// else has one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import ICAL from 'ical.js';
import { Client } from './lib/client.mjs';
import { Demo, Installation, officer, password, pause, run, sample, until } from './lib/server.mjs';
import { WebSocketClient } from './lib/websocket.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const zanolli = 'm.zanolli@studiozanolli.example';
const codeIn = (text) => /EDI-\w{4}-\w{2}/.exec(text)[0];

describe('the clock of the demo', () => {
  let demo;
  let visitor;
  let desk;
  before(async () => {
    demo = await Demo.start({ now: friday, environment: { SPORTELLO_MAIL_HOLD_S: '4' } });
    visitor = new Client(demo.url);
    desk = await new Client(demo.url).login();
  });
  after(async () => { assert.equal(await demo.stop(), 0); });

  const move = (fields, who = visitor) => who.post('/orologio', fields, '/posta-di-prova');
  const now = async () => (await visitor.json('/')).demo.now.at;
  let code;
  let path;

  test('it begins at --now, says so on each page, and runs on', async () => {
    const first = await now();
    assert.ok(first >= at('11-20T18:00') && first < at('11-20T18:02'), String(first));
    for (const page of ['/', '/accedi', '/prenota?servizio=1', '/posta-di-prova', '/nulla']) {
      const { text } = await visitor.get(page);
      assert.match(text, /È <strong>venerdì 20 novembre, 18:0\d<\/strong>/, page);
      assert.match(text, /vai all(&apos;|&#39;|')appuntamento/, page);
    }
    await until(async () => await now() >= first + 2, 'two seconds');
    assert.ok(await now() < first + 60);
  });

  test('without an appointment there is nowhere to go, and the page says so', async () => {
    const answer = await move({ dove: 'appuntamento', torna: '/' });
    assert.equal(answer.location, '/posta-di-prova?nessuno=1');
    assert.equal((await visitor.json(answer.location)).no_meeting, true);
    assert.ok(await now() < at('11-20T18:10'));
  });

  test('"vai all\'appuntamento" is ten minutes before the next one, on the page where one was', async () => {
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    const receipt = await demo.letter(zanolli, /EDI-/);
    code = codeIn(receipt.subject);
    path = new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname;
    const confirmed = await desk.post(`/scrivania/r/${code}/conferma`, { inizio: at('11-24T10:00'), versione: 0 }, `/scrivania/r/${code}`);
    assert.equal(confirmed.status, 303);
    await demo.letter(zanolli, /Videochiamata confermata/);
    const live = await WebSocketClient.connect(`${demo.url.replace('http', 'ws')}/scrivania/live`,
      { headers: { Cookie: [...desk.cookies].map((pair) => pair.join('=')).join('; ') } });
    const answer = await move({ dove: 'appuntamento', torna: path });
    assert.deepEqual([answer.status, answer.location], [303, path]);
    assert.equal((await live.next((said) => said.event === 'clock', 'the desk to be told')).event, 'clock');
    await live.close();
    const there = await now();
    assert.ok(there >= at('11-24T09:50') && there < at('11-24T09:52'), String(there));
    assert.match((await visitor.get('/')).text, /È <strong>martedì 24 novembre, 09:5\d<\/strong>/);
    assert.equal((await visitor.json(path)).may.lobby, true);
  });

  test('moving it again goes no further than the appointment that one is at', async () => {
    const before = await now();
    await move({ dove: 'appuntamento' });
    assert.ok(await now() - before < 60);
  });

  test('the session, limits and what is open go on while the clock leaps a year and back', async () => {
    const limited = new Client(demo.url);
    for (let i = 0; i < 5; i += 1) await limited.post('/accedi', { email: 'salto@comune.example', password: 'no' });
    for (const moment of ['2027-11-24T09:50', '2025-11-24T09:50', '2026-11-24T09:50']) {
      assert.equal((await move({ dove: 'istante', istante: moment })).status, 303);
      assert.equal((await desk.get('/scrivania')).status, 200, `still logged in at ${moment}`);
      assert.equal((await limited.post('/accedi', { email: 'salto@comune.example', password: 'no' })).status, 429, `still slowed down at ${moment}`);
    }
  });

  test('going back undoes nothing and sends nothing twice', async () => {
    const citizen = new Client(demo.url);
    await move({ dove: 'istante', istante: '2026-11-23T08:00' });
    assert.equal((await citizen.post(`${path}/sposta`, { inizio: at('11-24T11:00') })).status, 303);
    const moved = await until(async () => (await demo.letters()).find((l) => /spostat/i.test(l.subject)), 'the letter');
    assert.equal(new Date(moved.date).getTime() / 1000 >= at('11-23T08:00'), true);
    const letters = (await demo.letters()).length;
    await move({ dove: 'istante', istante: friday });
    const request = await desk.json(`/scrivania/r/${code}`);
    assert.deepEqual([request.request.state, request.appointment.when.at, request.appointment.sequence], ['booked', at('11-24T11:00'), 1]);
    await pause(1500);
    assert.equal((await demo.letters()).length, letters, 'nothing was sent twice');
    assert.equal((await citizen.post(`${path}/sposta`, { inizio: at('11-24T11:20') })).status, 303);
    const again = await until(async () => (await demo.letters()).filter((l) => /spostat/i.test(l.subject))[1], 'the second letter');
    const calendar = (letter) => new ICAL.Component(ICAL.parse(letter.attachments.find((a) => a.mimeType === 'text/calendar').content)).getFirstSubcomponent('vevent');
    const sequences = (await demo.letters()).filter((l) => l.attachments.some((a) => a.mimeType === 'text/calendar')).map((l) => calendar(l).getFirstPropertyValue('sequence'));
    assert.deepEqual(sequences.sort(), [0, 1, 2], 'it goes on counting');
    assert.equal(calendar(again).getFirstPropertyValue('uid'), calendar(moved).getFirstPropertyValue('uid'));
  });

  test('a letter that is held back leaves when the machine says so, wherever the clock goes', async () => {
    const { version } = (await desk.json(`/scrivania/r/${code}`)).request;
    const known = (await demo.letters()).length;
    const answer = await desk.post(`/scrivania/r/${code}/annulla`, { motivo: 'Il tecnico è malato.', versione: version }, `/scrivania/r/${code}`);
    assert.equal(answer.status, 303, answer.text.slice(0, 400));
    await move({ dove: 'istante', istante: '2026-12-24T09:50' });
    await pause(1500);
    assert.equal((await demo.letters()).length, known, 'a month later by the clock is too early by the machine');
    await move({ dove: 'istante', istante: '2026-11-01T09:50' });
    await until(async () => (await demo.letters()).length === known + 1, 'the letter', 30);
  });

  test('"Ripristina" is there for thirty minutes of the machine, wherever the clock goes', async () => {
    await move({ dove: 'istante', istante: friday });
    const citizen = new Client(demo.url);
    assert.equal(await demo.deliver(sample('14-domanda-semplice.eml')), 0);
    const receipt = await until(async () => (await demo.letters()).find((l) => /EDI-/.test(l.subject) && l.to[0].address !== zanolli), 'the receipt');
    const other = { code: codeIn(receipt.subject), path: new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname };
    const confirmed = await desk.post(`/scrivania/r/${other.code}/conferma`, { inizio: at('12-10T10:00'), versione: 0 }, `/scrivania/r/${other.code}`);
    assert.equal(confirmed.status, 303);
    assert.equal((await citizen.post(`${other.path}/annulla`, { motivo: 'solved' })).status, 303);
    await move({ dove: 'istante', istante: '2026-11-25T12:00' });
    assert.equal((await citizen.json(other.path)).may.restore, true, 'five days by the clock, a moment by the machine');
    const mine = `request_id = (SELECT id FROM request WHERE code = '${other.code}')`;
    demo.rows(`UPDATE appointment SET cancelled_system_at = cancelled_system_at - 1860, cancelled_at = cancelled_at - 1860 WHERE ${mine}`);
    assert.equal((await citizen.json(other.path)).may.restore, false);
    const { csrf } = await citizen.json('/privacy');
    const late = await citizen.post(`${other.path}/ripristina`, {}, null, { csrf, json: true });
    assert.notEqual(late.status, 303);
    assert.deepEqual(demo.rows(`SELECT state FROM appointment WHERE ${mine}`), [['cancelled']], 'too late is too late');
  });

  test('nonsense does not move it, "torna" leads nowhere else', async () => {
    await move({ dove: 'istante', istante: friday });
    for (const fields of [{ dove: 'istante', istante: 'domani' }, { dove: 'istante', istante: '' }, { dove: 'altrove' }, {}]) {
      assert.equal((await move(fields)).status, 303);
      assert.ok(Math.abs(await now() - at('11-20T18:00')) < 60, JSON.stringify(fields));
    }
    for (const torna of ['https://altrove.example/', '//altrove.example', '/\\altrove.example', 'x'])
      assert.equal((await move({ dove: 'adesso', torna })).location, '/', torna);
    assert.equal((await visitor.ask('/orologio', { method: 'POST', body: new URLSearchParams({ dove: 'adesso' }) })).status, 403, 'nor does a stranger\'s form');
  });

  test('"torna ad adesso" is the time of the machine', async () => {
    await move({ dove: 'istante', istante: '2030-01-01T12:00' });
    await move({ dove: 'adesso' });
    const [shown, { demo: { is_moved: moved } }] = [await now(), await visitor.json('/')];
    assert.ok(Math.abs(shown - Date.now() / 1000) < 60);
    assert.equal(moved, false);
  });
});

test('--now that is no time is a usage error', () => {
  for (const wrong of ['domani', '2026-13-01T00:00:00Z', '2026-11-24T09:50:00']) {
    const said = run(['demo', '--data', join(tmpdir(), 'sportello-never'), '--now', wrong]);
    assert.equal(said.code, 2, wrong);
    assert.match(said.err, /2026-11-24T09:50:00\+01:00/);
  }
});

test('`serve` on the demo\'s own files has no clock to move, no mail page and no banner', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-clock-'));
  try {
    let demo = await Demo.start({ folder, now: friday });
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    await demo.letter(zanolli, /EDI-/);
    const { url, config } = demo;
    assert.equal(await demo.stop(), 0);
    assert.equal(run(['serve', '--config', config, '--now', friday]).code, 2);

    const server = await Installation.start(config, url);
    const visitor = new Client(url);
    for (const path of ['/posta-di-prova', '/orologio']) assert.equal((await visitor.get(path)).status, 404, path);
    const { csrf } = await visitor.json('/privacy');
    for (const path of ['/orologio', '/posta-di-prova']) assert.equal((await visitor.post(path, { dove: 'istante', istante: friday }, null, { csrf })).status, 404, path);
    const page = await visitor.json('/');
    assert.equal(page.demo, undefined);
    assert.doesNotMatch((await visitor.get('/')).text, /orologio|Dimostrazione|posta-di-prova/);
    const desk = await new Client(url).login(officer, password);
    const { rows, now } = await desk.json('/scrivania');
    assert.equal(rows.length, 1, 'what the demo made is there');
    assert.ok(Math.abs(now.clock.at - Date.now() / 1000) < 60, 'and it is now');
    assert.equal(await server.stop(), 0);

    const began = Date.now();
    demo = await Demo.start({ folder });
    const taken = Date.now() - began;
    console.log(`# second start of the demo: ${taken} ms until it answers`); // the bar is a second
    assert.ok(taken < 5000, `${taken} ms`);
    assert.equal(await demo.stop(), 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

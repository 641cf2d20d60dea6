// What the link of a request lets a citizen do, and what it does not: documents added, times that cannot be had, a
// time lost to somebody else, a change that comes too late.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import ICAL from 'ical.js';
import { Client } from './lib/client.mjs';
import { Demo, sample, until } from './lib/server.mjs';

const zanolli = 'm.zanolli@studiozanolli.example';
const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;

describe('the link of a request', () => {
  let demo;
  let desk;
  let citizen;

  before(async () => {
    demo = await Demo.start({ now: friday });
    desk = await new Client(demo.url).login();
    citizen = new Client(demo.url);
  });
  after(() => demo.stop());

  /** The sample as another message of its own thread; the code and the page's path of the request it makes. */
  let sent = 0;
  async function write(subject, from = `persona${sent}@studiozanolli.example`) {
    sent += 1;
    const mail = sample('01-chiara-geometra-scia.eml').toString('latin1')
      .replaceAll(zanolli, from)
      .replace(/^Message-ID:.*$/im, `Message-ID: <citizen-${sent}@studiozanolli.example>`)
      .replace(/^Subject:.*$/im, `Subject: ${subject}`);
    assert.equal(await demo.deliver(Buffer.from(mail, 'latin1')), 0);
    const receipt = await until(async () => (await demo.letters())
      .find((l) => l.header('in-reply-to') === `<citizen-${sent}@studiozanolli.example>`), 'the receipt');
    return { from, code: /EDI-\w{4}-\w{2}/.exec(receipt.subject)[0], path: new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname };
  }

  async function confirm(code, when) {
    const answer = await desk.post(`/scrivania/r/${code}/conferma`, { inizio: when, versione: 0 }, `/scrivania/r/${code}`);
    assert.equal(answer.status, 303, answer.text.slice(0, 500));
  }

  const move = async (path, when) => {
    const csrf = await citizen.csrf(`${path}/sposta`);
    return citizen.post(`${path}/sposta`, { inizio: when }, null, { csrf, json: true });
  };

  const cancel = (path) => citizen.post(`${path}/annulla`, { motivo: 'commitment' });

  async function add(path, words, files) {
    const form = new FormData();
    form.set('csrf', await citizen.csrf(path));
    form.set('parole', words);
    for (const [name, bytes] of files) form.append('file', new Blob([bytes]), name);
    return citizen.ask(`${path}/aggiungi`, { method: 'POST', body: form, json: true });
  }

  test('a new request says what comes next, and nothing is open to change', async () => {
    const { path, code } = await write('Da leggere');
    const page = await citizen.json(path);
    assert.equal(page.code, code);
    assert.equal(page.is_new, true);
    assert.deepEqual(page.may, { add: true, change: false, too_late: false, restore: false, lobby: false });
    for (const action of ['sposta', 'annulla']) assert.equal((await citizen.get(`${path}/${action}`)).location, path);
    assert.equal((await citizen.get(`${path}/appuntamento.ics`)).status, 404);
  });

  test('words and documents become a message of the thread, which the desk sees', async () => {
    const { path, code, from } = await write('Documenti da aggiungere');
    const answer = await add(path, 'Ecco la tavola: è aggiornata.', [['Tavola è 3.pdf', '%PDF-1.4 prova'], ['foto.JPG', 'x'.repeat(200000)]]);
    assert.equal(answer.json.location, `${path}?fatto=sent`);
    const message = await until(async () => (await citizen.json(path)).messages.find((m) => m.has_attachments), 'the message');
    assert.equal(message.is_from_citizen, true);
    assert.match(message.text, /Ecco la tavola: è aggiornata\./);
    assert.deepEqual(message.attachments.map((a) => [a.name, a.kib]), [['Tavola è 3.pdf', 1], ['foto.JPG', 196]]);
    const seen = (await desk.json(`/scrivania/r/${code}`)).thread.find((entry) => entry.attachments?.length === 2);
    assert.equal(seen.from_email, from);
  });

  test('what is no document, or nothing at all, comes back with the words kept', async () => {
    const { path } = await write('Documenti sbagliati');
    const program = await add(path, 'Apri questo.', [['tavola.exe', 'MZ']]);
    assert.equal(program.status, 422);
    assert.equal(program.json.error.file.kind, true);
    assert.equal(program.json.form.parole, 'Apri questo.');
    const large = await add(path, '', [['a.pdf', 'x'.repeat(16 << 20)], ['b.pdf', 'x'.repeat(15 << 20)]]);
    assert.equal(large.json.error.file.too_large, true);
    const nothing = await add(path, ' ', []);
    assert.equal(nothing.json.error.parole.required, true);
  });

  test('an appointment can be added to a calendar and taken along to the phone', async () => {
    const { path, code } = await write('Con appuntamento');
    await confirm(code, at('12-01T09:00'));
    const file = await citizen.get(`${path}/appuntamento.ics`);
    assert.match(file.headers.get('content-type'), /^text\/calendar/);
    assert.match(file.headers.get('content-disposition'), new RegExp(`${code}\\.ics`));
    const event = new ICAL.Component(ICAL.parse(file.text)).getFirstSubcomponent('vevent');
    assert.equal(event.getFirstPropertyValue('dtstart').toJSDate().getTime() / 1000, at('12-01T09:00'));
    assert.equal(event.getFirstPropertyValue('sequence'), 0);
    const qr = await citizen.get(`${path}/qr.svg`);
    assert.equal(qr.headers.get('content-type'), 'image/svg+xml');
    assert.match(qr.text, /<path d="M\d+ \d+h7v1h-7z/);
  });

  test('each time that cannot be had is refused with its reason', async () => {
    const { path, code } = await write('Da spostare');
    await confirm(code, at('12-01T09:40'));
    const cases = [
      [at('11-19T09:00'), 'past'], [at('12-08T09:00'), 'holiday'], [at('12-01T13:00'), 'outside_hours'],
      [at('12-01T09:05'), 'off_grid'], [at('12-29T09:00'), 'horizon'], [at('12-01T09:00'), 'taken'], ['domani', 'invalid'], ['', 'required'],
    ];
    for (const [when, reason] of cases) {
      const answer = await move(path, when);
      assert.equal(answer.status, 422, `${reason}: ${answer.status}`);
      assert.equal(answer.json.error.inizio[reason], true, `${reason}: ${JSON.stringify(answer.json.error)}`);
    }
    assert.equal((await citizen.json(path)).appointment.when.at, at('12-01T09:40'), 'it stays where it was');
    assert.equal((await move(path, at('12-01T10:00'))).json.location, `${path}?fatto=moved`);
  });

  test('two appointments in a week are enough for one person', async () => {
    const from = 'settimana@studiozanolli.example';
    for (const when of ['11-24T15:00', '11-24T15:20']) await confirm((await write(`Il ${when}`, from)).code, at(when));
    const { path, code } = await write('Il terzo', from);
    await confirm(code, at('12-10T09:00'));
    const answer = await move(path, at('11-26T09:00'));
    assert.equal(answer.json.error.inizio.week_full, true);
    assert.equal((await move(path, at('12-10T09:20'))).status, 200, 'within its own week it may');
  });

  test('a time that somebody took meanwhile is not restored, the nearest are shown', async () => {
    const mine = await write('Annullata per sbaglio');
    const theirs = await write('Contenti del posto libero');
    await confirm(mine.code, at('12-15T10:00'));
    assert.equal((await cancel(mine.path)).location, `${mine.path}?fatto=cancelled`);
    assert.equal((await citizen.json(mine.path)).may.restore, true);
    await confirm(theirs.code, at('12-15T10:00'));
    const csrf = await citizen.csrf(mine.path);
    const answer = await citizen.post(`${mine.path}/ripristina`, {}, null, { csrf, json: true });
    assert.equal(answer.status, 409);
    assert.ok(answer.json.nearest.some((time) => time.when.at === at('12-15T09:40')), JSON.stringify(answer.json.nearest));
    assert.equal((await citizen.json(mine.path)).state, 'closed');
  });

  test('the seat of a cancelled appointment says so and opens no room', async () => {
    const { path, code } = await write('La sala chiusa');
    await confirm(code, at('12-17T10:00'));
    const { room } = await citizen.json(path);
    assert.equal((await citizen.get(room)).status, 200);
    await cancel(path);
    const over = await citizen.get(room);
    assert.equal(over.status, 404);
    assert.match(over.text, /annullato/);
    assert.equal((await citizen.json(path)).room, undefined);
  });

  test('the office reads why they cancelled in words, chosen from the list or their own', async () => {
    const { path, code } = await write('Il motivo');
    const page = `/scrivania/r/${code}`;
    await confirm(code, at('12-17T11:00'));
    await cancel(path);
    const { text } = await desk.get(page);
    assert.match(text, /ha un altro impegno/);
    assert.doesNotMatch(text, /commitment/);
    assert.doesNotMatch(text, />Decidi</, 'a closed request asks for nothing');
    assert.equal((await citizen.post(`${path}/ripristina`, {})).status, 303);
    assert.equal((await citizen.post(`${path}/annulla`, { motivo: 'other', parole: 'Ho la febbre.' })).status, 303);
    assert.match((await desk.get(page)).text, /«Ho la febbre\.»/);
  });

  test('what an officer noted of a phone call is never on the citizen\'s page', async () => {
    const answer = await desk.post('/scrivania/nuova', {
      nome: 'Anna Rossi', email: 'anna.rossi@posta.example', telefono: '045 555 0199', oggetto: 'Tettoia', testo: 'Persona difficile: attenzione.',
    });
    assert.equal(answer.status, 303, answer.text.slice(0, 500));
    const code = /EDI-\w{4}-\w{2}/.exec(answer.location)[0];
    await confirm(code, at('12-22T10:00'));
    const letter = await demo.letter('anna.rossi@posta.example', /Videochiamata confermata/);
    const path = new URL(/http\S+\/p\/\w{26}/.exec(letter.text)[0]).pathname;
    for (const page of [await citizen.get(path), await citizen.ask(path, { json: true })]) {
      assert.equal(page.status, 200);
      assert.match(page.text, /Tettoia|EDI-/);
      assert.doesNotMatch(page.text, /difficile/);
    }
  });

  test('close to the appointment it is the phone that helps', async () => {
    const { path, code } = await write('Domani mattina');
    await confirm(code, at('11-24T11:00'));
    assert.equal((await citizen.json(path)).may.change, true);
    await desk.post('/orologio', { dove: 'istante', istante: '2026-11-24T09:30' }, '/posta-di-prova');
    const page = await citizen.json(path);
    assert.deepEqual([page.may.change, page.may.too_late, page.may.lobby], [false, true, false]);
    assert.equal((await citizen.get(`${path}/annulla`)).location, path);
    assert.match((await citizen.get(path)).text, /È tardi per spostare o annullare/);
  });
});

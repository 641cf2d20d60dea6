// The way of one request over HTTP and mail, as the citizen, the officer and the MTA live it (no browser here).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import ICAL from 'ical.js';
import { Client } from './lib/client.mjs';
import { Demo, officer, password, pause, sample, until } from './lib/server.mjs';

const zanolli = 'm.zanolli@studiozanolli.example';
const friday = '2026-11-20T18:00:00+01:00'; // the sample's own day
const tuesdayAtTen = Date.parse('2026-11-24T10:00:00+01:00') / 1000;

/** The calendar part of a letter as ical.js reads it. */
function invitation(letter) {
  const part = letter.attachments.find((a) => a.mimeType === 'text/calendar');
  assert.ok(part, 'the letter has a calendar part');
  const calendar = new ICAL.Component(ICAL.parse(part.content));
  const event = calendar.getFirstSubcomponent('vevent');
  const value = (name) => event.getFirstPropertyValue(name);
  return {
    method: calendar.getFirstPropertyValue('method'), uid: value('uid'), sequence: value('sequence'),
    start: value('dtstart').toJSDate().getTime() / 1000, end: value('dtend').toJSDate().getTime() / 1000,
    zone: event.getFirstProperty('dtstart').getParameter('tzid'), status: value('status'),
    organizer: value('organizer'), attendee: value('attendee'), url: value('url'),
  };
}

const linkIn = (letter, path) => new RegExp(`https?://[^\\s]+${path}/[0-9A-Za-z]{26}`).exec(letter.text)?.[0];
const pathOf = (link) => new URL(link).pathname;

describe('from the mail to the results', () => {
  let demo;
  let desk;
  let citizen;
  let code;
  let request;
  let invited;

  before(async () => {
    demo = await Demo.start({ now: friday });
    desk = new Client(demo.url);
    citizen = new Client(demo.url);
  });
  after(async () => { assert.equal(await demo.stop(), 0, 'SIGTERM ends with 0'); });

  test('the desk is for who logs in', async () => {
    const answer = await desk.get('/scrivania');
    assert.equal(answer.status, 303);
    assert.match(answer.location, /\/accedi/);
    const wrong = await desk.post('/accedi', { email: officer, password: 'sbagliata' });
    assert.equal(wrong.status, 422);
    const unknown = await desk.post('/accedi', { email: 'nessuno@comune.esempio.example', password: 'sbagliata' });
    assert.equal(unknown.status, 422);
    const words = (page) => /role="alert"[\s\S]*?<\/div>/.exec(page.text)?.[0].replace(/\s+/g, ' ');
    assert.equal(words(unknown), words(wrong), 'no hint whether an address exists');
    await desk.login();
    assert.equal((await desk.get('/scrivania')).status, 200);
  });

  test('a delivered mail gets a receipt in its thread, at once', async () => {
    const began = Date.now();
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    const receipt = await demo.letter(zanolli, /EDI-/);
    assert.ok(Date.now() - began < 9000, 'receipts are not held back');
    code = /EDI-[0-9A-Z]{4}-[0-9A-Z]{2}/.exec(receipt.subject)[0];
    assert.equal(receipt.inReplyTo, '<a01@studiozanolli.example>');
    assert.match(receipt.references, /<a01@studiozanolli\.example>/);
    assert.equal(receipt.header('auto-submitted'), 'auto-replied');
    assert.match(receipt.text, new RegExp(code));
    assert.ok(linkIn(receipt, '/p'), 'the link to the page of the request');
    assert.equal(receipt.from.address, 'appuntamentiedilizia@comune.esempio.example');
    const page = await citizen.get(pathOf(linkIn(receipt, '/p')));
    assert.equal(page.status, 200);
    assert.match(page.text, new RegExp(code));
  });

  test('the desk shows what is to decide, with what was read and the wished time first', async () => {
    const shown = await desk.json('/scrivania');
    assert.equal(shown.counts.to_decide, 1);
    assert.equal(shown.rows[0].code, code);
    assert.equal(shown.rows[0].practice, 'SCIA 214/2026');
    request = await desk.json(`/scrivania/r/${code}`);
    assert.equal(request.request.state, 'new');
    assert.equal(request.thread.find((entry) => entry.is_in).from_email, zanolli);
    const found = request.proposals.items.map((item) => item.found.replace(/\s/g, ' '));
    assert.ok(found.some((text) => /SCIA n\. 214\/2026/.test(text)), found.join(' | '));
    assert.ok(found.some((text) => /045 5550134/.test(text)), found.join(' | '));
    assert.equal(request.times[0].start, tuesdayAtTen, 'Tuesday at ten comes first');
    assert.equal(request.times[0].is_wished, true);
  });

  test('"Conferma con videochiamata" takes the slot and sends link and invitation after ten seconds', async () => {
    const page = `/scrivania/r/${code}`;
    const answer = await desk.post(`${page}/conferma`, { inizio: tuesdayAtTen, versione: request.request.version }, page);
    assert.equal(answer.status, 303, answer.text.slice(0, 600));
    assert.equal((await desk.json(page)).request.state, 'booked');
    assert.equal((await demo.letters()).length, 1, 'the letter is held');
    const letter = await demo.letter(zanolli, /24 novembre/);
    assert.match(letter.subject, /Videochiamata confermata/);
    assert.ok(linkIn(letter, '/sala'));
    assert.ok(letter.text.split('\n').includes(linkIn(letter, '/sala')), 'the link stands alone on a line');
    assert.match(letter.html, /\/sala\//);
    invited = invitation(letter);
    assert.equal(invited.method, 'REQUEST');
    assert.equal(invited.sequence, 0);
    assert.equal(invited.start, tuesdayAtTen);
    assert.equal(invited.end, tuesdayAtTen + 1200);
    assert.equal(invited.zone, 'Europe/Rome');
    assert.equal(invited.organizer, 'mailto:appuntamentiedilizia@comune.esempio.example');
    assert.equal(invited.attendee, `mailto:${zanolli}`);
    assert.equal(letter.header('content-type').includes('multipart/mixed'), true);
    assert.match(letter.raw, /text\/calendar;[\s\S]{0,80}method=REQUEST/);
  });

  test('the citizen moves it by the link: same UID, higher SEQUENCE', async () => {
    const letter = await demo.letter(zanolli, /Videochiamata confermata/);
    const path = pathOf(linkIn(letter, '/p'));
    const choice = await citizen.get(`${path}/sposta`);
    const starts = [...choice.text.matchAll(/name="inizio" value="(\d+)"/g)].map((m) => Number(m[1]));
    assert.ok(starts.length > 3 && !starts.includes(tuesdayAtTen));
    const wanted = starts.find((at) => at > tuesdayAtTen);
    const answer = await citizen.post(`${path}/sposta`, { inizio: wanted });
    assert.equal(answer.status, 303, answer.text.slice(0, 600));
    const moved = await until(async () => (await demo.letters()).find((l) => /spostat/i.test(l.subject)), 'the letter');
    const again = invitation(moved);
    assert.deepEqual([again.method, again.uid, again.sequence, again.start], ['REQUEST', invited.uid, 1, wanted]);
    const shown = await desk.json(`/scrivania/r/${code}`);
    assert.equal(shown.appointment.sequence, 1);
  });

  test('cancelled by the link the slot is free at once; "Ripristina" takes it back', async () => {
    const letter = await demo.letter(zanolli, /Videochiamata confermata/);
    const path = pathOf(linkIn(letter, '/p'));
    assert.equal((await citizen.get(`${path}/annulla`)).status, 200);
    assert.equal((await desk.json(`/scrivania/r/${code}`)).request.state, 'booked', 'opening a page cancels nothing');
    const empty = await citizen.post(`${path}/annulla`, {});
    assert.equal(empty.status, 422, 'a reason is asked');
    const reasons = [...(await citizen.get(`${path}/annulla`)).text.matchAll(/name="motivo"[^>]*value="([^"]+)"/g)];
    assert.ok(reasons.length > 1);
    assert.equal((await citizen.post(`${path}/annulla`, { motivo: reasons[0][1] })).status, 303);
    const cancelled = await until(async () => (await demo.letters()).find((l) => /annullat/i.test(l.subject)), 'the letter');
    const gone = invitation(cancelled);
    assert.deepEqual([gone.method, gone.uid, gone.sequence, gone.status], ['CANCEL', invited.uid, 2, 'CANCELLED']);
    assert.equal((await desk.json(`/scrivania/r/${code}`)).request.state, 'closed');

    assert.equal((await citizen.post(`${path}/ripristina`, {}, path)).status, 303);
    const restored = await until(async () => (await demo.letters()).find((l) => invitationOrNull(l)?.sequence === 3), 'the letter');
    assert.deepEqual([invitation(restored).method, invitation(restored).uid], ['REQUEST', invited.uid]);
    assert.equal((await desk.json(`/scrivania/r/${code}`)).request.state, 'booked');
  });

  test('the outcome closes the request and the results count it', async () => {
    const page = `/scrivania/r/${code}/esito`;
    const form = await desk.get(page);
    const kinds = [...form.text.matchAll(/name="esito"[^>]*value="([^"]+)"/g)].map((m) => m[1]);
    assert.ok(kinds.length > 1, 'kinds of outcome to choose from');
    const answer = await desk.post(page, {
      esito: kinds[0], testo: 'Serve la relazione aggiornata.', minuti: "", invia: 1,
    });
    assert.equal(answer.status, 303, answer.text.slice(0, 800));
    assert.equal((await desk.json(`/scrivania/r/${code}`)).request.state, 'closed');
    const letter = await until(async () => (await demo.letters()).find((l) => /relazione aggiornata/.test(l.text)), 'the outcome');
    assert.equal(letter.to[0].address, zanolli);
    const results = await desk.json('/risultati');
    assert.equal(results.figures.requests.value, 1);
    assert.equal(results.how.find((how) => how.name === 'video').count, 1);
    const csv = await desk.get('/risultati.csv');
    assert.match(csv.headers.get('content-type'), /text\/csv/);
  });
});

function invitationOrNull(letter) {
  return letter.attachments.some((a) => a.mimeType === 'text/calendar') ? invitation(letter) : null;
}

describe('a decision taken back, two on one slot, mail that is no request', () => {
  let demo;
  let desk;

  before(async () => {
    demo = await Demo.start({ now: friday });
    desk = await new Client(demo.url).login();
  });
  after(() => demo.stop());

  const arrive = async (name, from) => {
    const known = (await demo.letters()).length;
    assert.equal(await demo.deliver(sample(name)), 0);
    await until(async () => (await demo.letters()).length > known, 'the receipt');
    const rows = (await desk.json('/scrivania')).rows;
    return rows.find((row) => row.person?.email === from)?.code;
  };

  test('within ten seconds "Annulla la decisione" frees the slot and withdraws the letter', async () => {
    const code = await arrive('01-chiara-geometra-scia.eml', zanolli);
    const page = `/scrivania/r/${code}`;
    await desk.post(`${page}/conferma`, { inizio: tuesdayAtTen, versione: 0 }, page);
    assert.equal((await desk.json(page)).request.state, 'booked');
    const undone = await desk.post(`${page}/annulla-decisione`, {}, page);
    assert.equal(undone.status, 303);
    const after = await desk.json(page);
    assert.equal(after.request.state, 'new');
    assert.ok(after.times.some((time) => time.start === tuesdayAtTen), 'the slot is free');
    await pause(11000);
    assert.equal((await demo.letters()).length, 1, 'only the receipt ever left');
  });

  test('two officers on one slot: one wins, the other is told and loses nothing', async () => {
    const first = (await desk.json('/scrivania')).rows[0].code;
    const second = await arrive('03-architetta-alternative-allegati.eml', undefined)
      ?? (await desk.json('/scrivania')).rows.find((row) => row.code !== first).code;
    const other = await new Client(demo.url).login();
    const confirm = async (client, code) => {
      const csrf = await client.csrf(`/scrivania/r/${code}`);
      return client.post(`/scrivania/r/${code}/conferma`, { inizio: tuesdayAtTen, versione: 0 }, null, { csrf });
    };
    const answers = await Promise.all([confirm(desk, first), confirm(other, second)]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [303, 409]);
    const loser = answers.find((a) => a.status === 409);
    assert.match(loser.text, /questa fascia è appena stata presa/i);
    assert.match(loser.text, /name="inizio"/, 'the nearest free ones are offered');
    const states = await Promise.all([first, second].map(async (code) => (await desk.json(`/scrivania/r/${code}`)).request.state));
    assert.deepEqual(states.sort(), ['booked', 'new']);
  });

  test('out-of-office, bounce, receipt and bulk get no answer and no request, and stay to be seen', async () => {
    const letters = (await demo.letters()).length;
    const rows = (await desk.json('/scrivania')).counts.to_decide;
    for (const name of ['09-fuori-ufficio.eml', '10-mancato-recapito-dsn.eml', '20-pec-ricevuta-consegna.eml'])
      assert.equal(await demo.deliver(sample(name)), 0);
    assert.equal(await demo.deliver(Buffer.from('From: Novità <news@ditta.example>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\n'
      + 'Subject: Offerte\r\nList-Unsubscribe: <https://ditta.example/u>\r\nPrecedence: bulk\r\nMessage-ID: <b@ditta.example>\r\n'
      + 'Date: Fri, 20 Nov 2026 17:00:00 +0100\r\n\r\nSconti su tutto.\r\n')), 0);
    const other = await until(async () => {
      const shown = await desk.json('/scrivania/altra-posta');
      return shown.messages.length >= 4 ? shown.messages : null;
    }, 'the other mail');
    assert.deepEqual([...new Set(other.map((m) => m.reason))].sort(), ['auto_reply', 'bounce', 'bulk', 'pec_receipt']);
    await pause(1500);
    assert.equal((await desk.json('/scrivania')).counts.to_decide, rows);
    const sent = (await demo.letters()).filter((l) => /receipt|ricevut/i.test(l.subject)).length;
    assert.ok((await demo.letters()).length - letters <= 1, `only the held confirmation left meanwhile (${sent})`);
    const bulk = other.find((m) => m.reason === 'bulk');
    const made = await desk.post('/scrivania/altra-posta', { messaggio: bulk.id });
    assert.equal(made.status, 303, made.text.slice(0, 500));
    assert.equal((await desk.json('/scrivania')).counts.to_decide, rows + 1);
  });

  test('a PEC envelope is a request of the person inside it', async () => {
    assert.equal(await demo.deliver(sample('05-pec-busta-trasporto.eml')), 0);
    const row = await until(async () => (await desk.json('/scrivania')).rows.find((r) => r.is_pec), 'the PEC request');
    const shown = await desk.json(`/scrivania/r/${row.code}`);
    assert.doesNotMatch(JSON.stringify(shown.request.person), /posta-certificata@/);
  });

  test('the same message twice is one request', async () => {
    const before = (await desk.json('/scrivania')).counts.to_decide;
    assert.equal(await demo.deliver(sample('14-domanda-semplice.eml')), 0);
    await until(async () => (await desk.json('/scrivania')).counts.to_decide === before + 1, 'the request');
    assert.equal(await demo.deliver(sample('14-domanda-semplice.eml')), 0);
    await pause(1000);
    assert.equal((await desk.json('/scrivania')).counts.to_decide, before + 1);
  });

  test('a malformed mail is a request "da leggere", and the next one is not delayed', async () => {
    const before = await desk.json('/scrivania');
    assert.equal(await demo.deliver(Buffer.concat([Buffer.from('From: <x@y.example>\nContent-Type: multipart/mixed; boundary="a\n\n--a\nContent-Type: '
      + 'text/plain; charset=nonsense-9\n\n'), Buffer.from([0, 255, 254, 10, 13, 0])])), 0);
    assert.equal(await demo.deliver(Buffer.from('')), 0);
    assert.equal(await demo.deliver(sample('15-scarna-da-telefono.eml')), 0);
    await until(async () => (await desk.json('/scrivania')).counts.to_decide >= before.counts.to_decide + 2, 'both requests');
    assert.equal((await desk.get('/scrivania')).status, 200);
  });

  test('a message above the limit says so on its page', async () => {
    const big = Buffer.concat([Buffer.from('From: Ida <ida@studio.example>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\n'
      + 'Subject: tavole enormi\r\nMessage-ID: <big@studio.example>\r\nDate: Fri, 20 Nov 2026 17:00:00 +0100\r\n\r\n'), Buffer.alloc(51 << 20, 'x\n')]);
    assert.equal(await demo.deliver(big), 0);
    const row = await until(async () => (await desk.json('/scrivania')).rows.find((r) => r.subject === 'tavole enormi'), 'the request', 40);
    assert.match((await desk.get(`/scrivania/r/${row.code}`)).text, /messaggio troppo grande/i);
  });
});

describe('doors', () => {
  let demo;
  before(async () => { demo = await Demo.start({ now: friday }); });
  after(() => demo.stop());

  test('an unknown link is a 404 that says what to do', async () => {
    const client = new Client(demo.url);
    for (const path of ['/p/00000000000000000000000000', '/sala/00000000000000000000000000', '/p/x', '/nulla']) {
      const page = await client.get(path);
      assert.equal(page.status, 404, path);
      assert.match(page.text, /<h1/, path);
    }
  });

  test('a foreign CSRF token is refused', async () => {
    const desk = await new Client(demo.url).login();
    const stranger = new Client(demo.url);
    const csrf = await stranger.csrf('/accedi');
    const answer = await desk.post('/scrivania/nuova', { nome: 'X' }, null, { csrf });
    assert.equal(answer.status, 403);
    const none = await desk.ask('/esci', { method: 'POST', body: new URLSearchParams({}) });
    assert.equal(none.status, 403);
    assert.equal((await desk.get('/scrivania')).status, 200, 'still logged in');
  });

  test('five failed logins slow the sixth down', async () => {
    const client = new Client(demo.url);
    for (let i = 0; i < 5; i++)
      assert.equal((await client.post('/accedi', { email: 'altra@comune.esempio.example', password: 'no' })).status, 422);
    assert.equal((await client.post('/accedi', { email: 'altra@comune.esempio.example', password: 'no' })).status, 429);
  });

  test('the code alone shows the state, ten tries a minute', async () => {
    const client = new Client(demo.url);
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await client.post('/p', { codice: 'EDI-0000-00' })).status);
    assert.equal(statuses.at(-1), 429);
    assert.ok(statuses.slice(0, 10).every((s) => s !== 429), statuses.join(' '));
  });

  test('a phone call typed in is a request', async () => {
    const desk = await new Client(demo.url).login();
    const empty = await desk.post('/scrivania/nuova', {});
    assert.equal(empty.status, 422);
    assert.match(empty.text, /role="alert"/);
    const form = await desk.get('/scrivania/nuova');
    const names = [...form.text.matchAll(/<(?:input|textarea|select)[^>]*name="([^"]+)"/g)].map((m) => m[1]);
    assert.ok(names.includes('nome') && names.includes('telefono'), names.join(' '));
    const fields = Object.fromEntries(names.filter((n) => n !== 'csrf').map((n) => [n, '']));
    const made = await desk.post('/scrivania/nuova', { ...fields, nome: 'Ada Neri', telefono: '045 555 0101', oggetto: 'chiede che documenti servono', testo: 'chiede che documenti servono' });
    assert.equal(made.status, 303, made.text.slice(0, 900));
    assert.equal((await desk.json('/scrivania')).counts.to_decide, 1);
  });

  test('a password is changed with the old one, and other sessions end', async () => {
    const desk = await new Client(demo.url).login();
    const other = await new Client(demo.url).login();
    const names = [...(await desk.get('/password')).text.matchAll(/type="password"[^>]*name="([^"]+)"|name="([^"]+)"[^>]*type="password"/g)].map((m) => m[1] ?? m[2]);
    assert.equal(names.length, 3, names.join(' '));
    const fields = Object.fromEntries(names.map((n, i) => [n, i === 0 ? password : 'una-nuova-parola-2']));
    assert.equal((await desk.post('/password', fields)).status, 303);
    assert.equal((await desk.get('/scrivania')).status, 200);
    assert.equal((await other.get('/scrivania')).status, 303);
    await new Client(demo.url).login(officer, 'una-nuova-parola-2');
  });
});

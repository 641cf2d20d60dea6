// openapi.yaml against the program: the same routes, and every page of a demo with something in it answers as described.
// The description names each member of each answer, so that one that is added, renamed or gone is found here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { get } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Api } from './lib/api.mjs';
import { Client } from './lib/client.mjs';
import { Demo, officer, password, sample, until } from './lib/server.mjs';

const api = new Api();
const friday = '2026-11-20T18:00:00+01:00';
const tuesday = (time) => Date.parse(`2026-11-24T${time}:00+01:00`) / 1000;
const nobody = '0'.repeat(26);
const quick = ['GET /healthz', 'GET /assets/{hash}/{file}']; // answered before the table of routes is asked

/** What the program itself says: [{name, flags}]. */
const routes = execFileSync(process.env.SPORTELLO_ROUTES, { encoding: 'utf8' }).trim().split('\n').map((line) => {
  const [method, path, ...flags] = line.split(' ');
  return { name: `${method} ${path}`, flags };
});
const withFlag = (flag) => routes.filter((route) => route.flags.includes(flag)).map((route) => route.name);

/** The path of an operation with its parameters filled in, in order. */
const fill = (name, parts = [], query = '') => {
  let index = 0;
  const path = name.slice(name.indexOf(' ') + 1).replace(/\{\w+\}/g, () => parts[index++] ?? nobody);
  return query ? `${path}?${query}` : path;
};

/** Asks one operation as JSON (or as `type`) and lets the description judge the answer. */
async function ask(who, name, { parts, query, fields, form, json = true, status, csrf } = {}) {
  const path = fill(name, parts, query);
  const options = { json };
  if (name.startsWith('POST ')) {
    const token = csrf ?? (await who.json('/privacy')).csrf;
    options.method = 'POST';
    options.body = form ?? new URLSearchParams({ csrf: token, ...fields });
    if (form) form.set('csrf', token);
  }
  const answer = await who.ask(path, options);
  if (status) assert.equal(answer.status, status, `${name} ${query ?? ''}: ${answer.text.slice(0, 400)}`);
  api.judge(name, answer);
  return answer.json ?? answer;
}

describe('openapi.yaml', () => {
  test('lists the routes of the program, no more and no fewer', () => {
    const described = api.operations().map(({ name }) => name).sort();
    assert.deepEqual(described, [...routes.map(({ name }) => name), ...quick].sort());
  });

  test('every reference leads somewhere, every operation has a name of its own', () => {
    const walk = (thing) => {
      if (!thing || typeof thing !== 'object') return;
      if (typeof thing.$ref === 'string') api.resolve(thing);
      Object.values(thing).forEach(walk);
    };
    walk(api.document);
    const names = api.operations().map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every(Boolean));
  });

  test('each parameter of a path is described', () => {
    for (const { name, item, operation, path } of api.operations()) {
      const described = [...item.parameters ?? [], ...operation.parameters ?? []].map((one) => api.resolve(one));
      const inPath = described.filter((one) => one.in === 'path').map((one) => one.name);
      assert.deepEqual(inPath, [...path.matchAll(/\{(\w+)\}/g)].map(([, word]) => word), name);
    }
  });

  test('who must log in, what exists in the demo only, what takes files and what is live is told', () => {
    const told = (test) => api.operations().filter(test).map(({ name }) => name).sort();
    assert.deepEqual(told(({ operation }) => operation.security?.some((one) => 'session' in one)), withFlag('officer').sort());
    assert.deepEqual(told(({ operation }) => operation['x-demo-only']), withFlag('demo').sort());
    assert.deepEqual(told(({ operation }) => operation.requestBody?.content['multipart/form-data']), withFlag('upload').sort());
    assert.deepEqual(told(({ operation }) => operation.responses['101']), withFlag('live').sort());
  });
});

describe('the answers of a demo', () => {
  let demo;
  let desk;
  let visitor;
  const codes = {};
  let own; // the token of the first request's link

  before(async () => {
    demo = await Demo.start({ now: friday });
    visitor = new Client(demo.url);
    desk = new Client(demo.url);
  });
  after(() => demo.stop());

  const at = (name, who = desk, options = {}) => ask(who, name, { parts: [codes.first], status: 200, ...options });
  const decide = (step, code, fields, options = {}) =>
    at(`POST /scrivania/r/{code}/${step}`, desk, { parts: [code], fields: { versione: 0, passo: 'conferma', ...fields }, ...options });

  /** A mail like the first sample, by another person about another practice: the code and the token of its page. */
  let sent = 0;
  async function write() {
    sent += 1;
    const from = `persona${sent}@studio.example`;
    const mail = sample('01-chiara-geometra-scia.eml').toString('latin1').replaceAll('m.zanolli@studiozanolli.example', from)
      .replace(/^Message-ID:.*$/im, `Message-ID: <openapi-${sent}@studio.example>`).replaceAll('214/2026', `${300 + sent}/2026`);
    assert.equal(await demo.deliver(Buffer.from(mail, 'latin1')), 0);
    const receipt = await demo.letter(from, /EDI-/);
    return { code: /EDI-\w{4}-\w{2}/.exec(receipt.subject)[0], token: /\/p\/(\w{26})/.exec(receipt.text)[1], from };
  }

  /** The status that a WebSocket's handshake ends with. */
  const knock = (name, who, parts, headers = {}) => new Promise((done, failed) => {
    const cookie = [...who.cookies].map((pair) => pair.join('=')).join('; ');
    const request = get(new URL(fill(name, parts), demo.url), { headers: {
      Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAECAwQFBgcICQoLDA0ODw==', Cookie: cookie, ...headers,
    } });
    const judge = (answer) => {
      api.judge(name, { status: answer.statusCode, headers: new Headers(), text: '' });
      answer.socket.destroy();
      done(answer.statusCode);
    };
    request.once('upgrade', judge).once('response', judge).once('error', failed);
  });

  test('before anybody has written', async () => {
    assert.equal((await ask(visitor, 'GET /healthz', { json: false })).text, 'ok\n');
    const page = await visitor.get('/');
    const [, hash, file] = /\/assets\/(\w+)\/(css\/app\.css)/.exec(page.text);
    const name = 'GET /assets/{hash}/{file}';
    const known = (await ask(visitor, name, { parts: [hash, file], json: false })).headers.get('etag');
    api.judge(name, await visitor.ask(fill(name, [hash, file]), { headers: { 'If-None-Match': known } }));
    await ask(visitor, name, { parts: ['0', file], status: 404 });
    for (const name of ['GET /', 'GET /privacy', 'GET /accessibilita', 'GET /note-legali', 'GET /p', 'GET /accedi', 'GET /posta-di-prova'])
      await ask(visitor, name, { status: 200 });
    await ask(visitor, 'GET /accedi', { query: 'torna=/scrivania', status: 200 });
    await ask(visitor, 'GET /posta-di-prova', { query: 'esempio=architetta', status: 200 });
    await ask(visitor, 'GET /ufficio/{office}', { parts: ['edilizia'], status: 200 });
    await ask(visitor, 'GET /prenota', { query: 'servizio=1', status: 200 });
    await ask(visitor, 'GET /prenota', { query: 'servizio=99', status: 404 });
  });

  test('logging in', async () => {
    await ask(desk, 'POST /accedi', { fields: {}, status: 422 });
    await ask(desk, 'POST /accedi', { fields: { email: officer, password: 'sbagliata' }, status: 422 });
    await ask(desk, 'POST /accedi', { fields: { email: officer, password }, status: 200 });
    await ask(desk, 'GET /accedi', { status: 200 });
    await ask(desk, 'GET /password', { status: 200 });
    await ask(desk, 'POST /scrivania/avvisi', { fields: { urgenti: '1' }, status: 200 });
    await ask(desk, 'GET /scrivania/avvisi', { status: 200 });
    await ask(desk, 'POST /password', { fields: { password: 'x', new_password: 'corta', repeated: 'altra' }, status: 422 });
    for (const [old, wanted] of [[password, 'una-parola-lunga'], ['una-parola-lunga', password]])
      await ask(desk, 'POST /password', { fields: { password: old, new_password: wanted, repeated: wanted }, status: 200 });
    for (let tries = 0; tries < 6; tries += 1)
      await ask(visitor, 'POST /accedi', { fields: { email: 'nessuno@comune.example', password: 'no' }, status: tries < 5 ? 422 : 429 });
  });

  test('an empty desk', async () => {
    for (const list of ['valutare', 'chiamare', 'attesa', 'risposte', 'appuntamenti', 'non-consegnate', 'da-leggere'])
      await at('GET /scrivania', desk, { query: `elenco=${list}` });
    await at('GET /scrivania', desk, { query: 'cerca=nessuno' });
    for (const name of ['GET /scrivania/altra-posta', 'GET /scrivania/nuova', 'GET /risultati']) await at(name);
  });

  test('mail arrives', async () => {
    for (const name of ['01-chiara-geometra-scia', '03-architetta-alternative-allegati', '05-pec-busta-trasporto', '09-fuori-ufficio',
      '10-mancato-recapito-dsn', '11-tedesco-alto-adige', '13-accesso-atti', '14-domanda-semplice', '15-scarna-da-telefono', '20-pec-ricevuta-consegna'])
      assert.equal(await demo.deliver(sample(`${name}.eml`)), 0);
    assert.equal(await demo.deliver(Buffer.from('From: \xff<<>\r\nContent-Type: multipart/mixed; boundary\r\n\r\n\0', 'latin1')), 0);
    await until(async () => (await desk.json('/scrivania')).counts.to_decide >= 8, 'the requests');
    const { rows } = await at('GET /scrivania');
    for (const row of rows) await at('GET /scrivania/r/{code}', desk, { parts: [row.code] });
    await at('GET /scrivania', desk, { query: 'elenco=da-leggere' });
    await at('GET /scrivania', desk, { query: 'cerca=SCIA' });
    codes.first = rows.find((row) => row.person.email === 'm.zanolli@studiozanolli.example').code;
    own = /\/p\/(\w{26})/.exec((await demo.letter('m.zanolli@studiozanolli.example', /EDI-/)).text)[1];
    for (const row of rows) {
      const { thread } = await desk.json(`/scrivania/r/${row.code}`);
      const url = thread.flatMap((entry) => entry.attachments ?? []).find((one) => one.url)?.url;
      if (url) await ask(desk, 'GET /scrivania/r/{code}/allegato/{attachment}', { parts: [row.code, url.split('/').pop()], json: false, status: 200 });
    }
    assert.ok(api.seen.get('GET /scrivania/r/{code}/allegato/{attachment}'), 'one of the samples has a document');
  });

  test('mail that made no request', async () => {
    const { messages } = await at('GET /scrivania/altra-posta');
    for (const { id } of messages) await at('GET /scrivania/altra-posta/{message}', desk, { parts: [id] });
    await at('POST /scrivania/altra-posta', desk, { fields: { messaggio: messages[0].id } });
    await at('POST /scrivania/altra-posta', desk, { fields: { messaggio: 1 }, status: 404 });
  });

  test('a phone call typed in', async () => {
    await at('POST /scrivania/nuova', desk, { fields: { email: 'x' }, status: 422 });
    const { location } = await at('POST /scrivania/nuova', desk, {
      fields: { nome: 'Anna Rossi', telefono: '045 555 0199', email: 'anna.rossi@posta.example', testo: 'Una tettoia, martedì mattina.' },
    });
    codes.call = location.split('/').pop();
    await at('GET /scrivania/r/{code}', desk, { parts: [codes.call] });
    await at('POST /scrivania/r/{code}/letta', desk, { parts: [codes.call] });
    const proposte = 'POST /scrivania/r/{code}/proposte';
    const { proposals } = await desk.json(`/scrivania/r/${codes.call}`);
    const [{ kind, value }] = proposals.items;
    for (const verdict of ['confirmed', 'open', 'rejected']) await at(proposte, desk, { parts: [codes.call], fields: { kind, value, verdict } });
    await at(proposte, desk, { parts: [codes.call], fields: { verdict: 'confirmed' } });
    await at(proposte, desk, { parts: [codes.call], fields: { kind, value: 'altro', verdict: 'confirmed' }, status: 404 });
    await at('GET /scrivania/r/{code}', desk, { parts: [codes.call] });
  });

  test('what the citizen sees before a decision', async () => {
    await ask(visitor, 'GET /p/{token}', { parts: [own], status: 200 });
    await ask(visitor, 'GET /p/{token}/qr.svg', { parts: [own], json: false, status: 200 });
    await ask(visitor, 'GET /p/{token}/appuntamento.ics', { parts: [own], status: 404 });
    for (const name of ['GET /p/{token}/annulla', 'GET /p/{token}/sposta'])
      assert.equal((await ask(visitor, name, { parts: [own], status: 200 })).location, `/p/${own}`);
    await ask(visitor, 'POST /p', { fields: { code: codes.first }, status: 200 });
    await ask(visitor, 'POST /p', { fields: { code: 'EDI' }, status: 422 });
    const form = (words, name) => {
      const data = new FormData();
      data.set('parole', words);
      if (name) data.append('file', new Blob(['%PDF-1.4']), name);
      return data;
    };
    await ask(visitor, 'POST /p/{token}/aggiungi', { parts: [own], form: form('Ecco.', 'tavola.exe'), status: 422 });
    await ask(visitor, 'POST /p/{token}/aggiungi', { parts: [own], form: form('Ecco.', 'tavola.pdf'), status: 200 });
    await until(async () => (await visitor.json(`/p/${own}`)).messages.some((one) => one.has_attachments), 'the document');
    await ask(visitor, 'GET /p/{token}', { parts: [own], query: 'fatto=sent', status: 200 });
  });

  test('a video call confirmed, and each way in which it cannot be', async () => {
    const page = 'GET /scrivania/r/{code}/conferma';
    await at(page, desk, { query: `inizio=${tuesday('10:00')}` });
    await at(page, desk, { status: 422 });
    await at(page, desk, { query: 'quando=2026-11-25T10:00', status: 422 });
    await decide('conferma', codes.first, { inizio: tuesday('10:00'), passo: 'anteprima' });
    await decide('conferma', codes.first, { inizio: '' }, { status: 422 });
    await decide('conferma', codes.first, { inizio: tuesday('10:00'), versione: 99 }, { status: 409 });
    await decide('conferma', codes.first, { inizio: tuesday('10:00'), testo: 'Tenga pronta la tavola.' });
    await at('GET /scrivania/r/{code}', desk, { query: 'fatto=video' });
    await decide('annulla-decisione', codes.first, {});
    await decide('conferma', codes.first, { inizio: tuesday('10:00') });
    const other = await write();
    await at(page, desk, { parts: [other.code], query: `inizio=${tuesday('10:00')}`, status: 409 });
    await decide('conferma', other.code, { inizio: tuesday('10:00') }, { status: 409 });
  });

  test('decisions in words', async () => {
    for (const step of ['telefono', 'rispondi', 'chiedi', 'indirizza', 'rifiuta']) {
      const { code, token } = await write();
      await at(`GET /scrivania/r/{code}/${step}`, desk, { parts: [code] });
      await decide(step, code, { testo: 'Due righe per Lei.', passo: 'anteprima' });
      await decide(step, code, { testo: step === 'telefono' ? 'x'.repeat(16001) : '' }, { status: 422 });
      await decide(step, code, { testo: 'Due righe per Lei.', versione: 99 }, { status: 409 });
      await decide(step, code, { testo: 'Due righe per Lei.' });
      await at('GET /scrivania/r/{code}', desk, { parts: [code] });
      await ask(visitor, 'GET /p/{token}', { parts: [token], status: 200 });
    }
  });

  test('the citizen moves, cancels and restores', async () => {
    await ask(visitor, 'GET /p/{token}', { parts: [own], status: 200 });
    await ask(visitor, 'GET /p/{token}/appuntamento.ics', { parts: [own], json: false, status: 200 });
    await ask(visitor, 'GET /p/{token}/sposta', { parts: [own], status: 200 });
    await ask(visitor, 'POST /p/{token}/sposta', { parts: [own], fields: { inizio: tuesday('10:05') }, status: 422 });
    await ask(visitor, 'POST /p/{token}/sposta', { parts: [own], fields: { inizio: tuesday('11:00') }, status: 200 });
    await ask(visitor, 'GET /p/{token}/annulla', { parts: [own], status: 200 });
    await ask(visitor, 'POST /p/{token}/annulla', { parts: [own], fields: {}, status: 422 });
    await ask(visitor, 'POST /p/{token}/annulla', { parts: [own], fields: { motivo: 'solved' }, status: 200 });
    await ask(visitor, 'GET /p/{token}', { parts: [own], query: 'fatto=cancelled', status: 200 });
    await at('GET /scrivania/r/{code}');
    const other = await write();
    await decide('conferma', other.code, { inizio: tuesday('11:00') });
    await ask(visitor, 'POST /p/{token}/ripristina', { parts: [own], status: 409 });
    await decide('sposta', other.code, { inizio: tuesday('12:00') });
    await ask(visitor, 'POST /p/{token}/ripristina', { parts: [own], status: 200 });
  });

  test('the office moves, cancels and restores', async () => {
    await at('GET /scrivania/r/{code}/sposta');
    await decide('sposta', codes.first, { inizio: tuesday('11:20'), passo: 'anteprima' });
    await decide('sposta', codes.first, { inizio: tuesday('12:00') }, { status: 409 });
    await decide('sposta', codes.first, { inizio: '' }, { status: 422 });
    await decide('sposta', codes.first, { inizio: tuesday('11:20') });
    await at('GET /scrivania/r/{code}/annulla');
    await decide('annulla', codes.first, { motivo: '' }, { status: 422 });
    await decide('annulla', codes.first, { motivo: 'Il tecnico è malato.', passo: 'anteprima' });
    await decide('annulla', codes.first, { motivo: 'Il tecnico è malato.' });
    await decide('annulla', codes.first, { motivo: 'Di nuovo.' }, { status: 409 });
    await at('GET /scrivania/r/{code}');
    await ask(visitor, 'GET /p/{token}', { parts: [own], status: 200 });
    const other = await write();
    await decide('conferma', other.code, { inizio: tuesday('11:20') });
    await decide('ripristina', codes.first, {}, { status: 409 });
    await decide('sposta', other.code, { inizio: tuesday('15:00') });
    await decide('ripristina', codes.first, {});
    await decide('assente', codes.first, {});
  });

  test('the room', async () => {
    const { room } = await ask(visitor, 'GET /p/{token}', { parts: [own], status: 200 });
    const seat = room.split('/').pop();
    await ask(visitor, 'GET /sala/{token}', { parts: [seat], status: 200 });
    await at('GET /scrivania/r/{code}/sala');
    for (const [name, who, parts] of [['GET /sala/{token}/live', visitor, [seat]],
      ['GET /scrivania/r/{code}/sala/live', desk, [codes.first]], ['GET /scrivania/live', desk, []]]) {
      await ask(who, name, { parts, status: 400 });
      assert.equal(await knock(name, who, parts), 101);
      assert.equal(await knock(name, who, parts, { 'Sec-WebSocket-Version': '12' }), 426);
      assert.equal(await knock(name, who, parts, { Origin: 'https://altrove.example' }), 403);
    }
    await ask(desk, 'POST /orologio', { fields: { dove: 'istante', istante: '2026-11-24T11:15:00+01:00' }, status: 200 });
    await at('GET /scrivania');
    await at('GET /scrivania/r/{code}');
    await ask(visitor, 'GET /p/{token}', { parts: [own], status: 200 });
    codes.seat = seat;
  });

  test('the outcome, somebody who did not come, the results', async () => {
    await at('GET /scrivania/r/{code}/esito');
    await decide('esito', codes.first, { minuti: 'dieci' }, { status: 422 });
    await decide('esito', codes.first, { esito: 'documents', testo: 'Basta la relazione.', invia: 1, passo: 'anteprima' });
    await decide('esito', codes.first, { esito: 'documents', testo: 'Basta la relazione.', minuti: 12 });
    await at('GET /scrivania/r/{code}', desk, { query: 'fatto=outcome' });
    assert.equal((await at('GET /scrivania/r/{code}/sala')).location, `/scrivania/r/${codes.first}`);
    await ask(visitor, 'GET /sala/{token}', { parts: [codes.seat], status: 404 });
    await ask(visitor, 'GET /p/{token}', { parts: [own], status: 200 });
    await ask(desk, 'POST /orologio', { fields: { dove: 'istante', istante: '2026-11-24T12:15:00+01:00' }, status: 200 });
    await decide('assente', codes.first, {}, { status: 409 });
    const [late] = (await desk.json('/scrivania?elenco=appuntamenti')).rows.filter((row) => row.meeting.time === '12:00');
    await decide('assente', late.code, {});
    await at('GET /scrivania/r/{code}', desk, { parts: [late.code] });
    await at('GET /scrivania');
    await at('GET /risultati');
    await at('GET /risultati', desk, { query: 'da=2026-12-31&a=2026-01-01', status: 422 });
    await at('GET /risultati.csv', desk, { json: false });
  });

  test('the mail page of the demo', async () => {
    const { letters } = await ask(visitor, 'GET /posta-di-prova', { status: 200 });
    const confirmed = letters.find((one) => one.code === codes.first && one.is_sent);
    await ask(visitor, 'GET /posta-di-prova', { query: `lettera=${confirmed.id}`, status: 200 });
    await ask(visitor, 'GET /posta-di-prova', { query: `rispondi=${confirmed.id}`, status: 200 });
    await ask(visitor, 'GET /posta-di-prova/lettera/{letter}/html', { parts: [confirmed.id], json: false, status: 200 });
    await ask(visitor, 'GET /posta-di-prova/lettera/{letter}/messaggio.eml', { parts: [confirmed.id], json: false, status: 200 });
    await ask(visitor, 'POST /posta-di-prova', { fields: { ufficio: 'edilizia' }, status: 422 });
    await ask(visitor, 'POST /posta-di-prova', { fields: { ufficio: 'edilizia', da: 'io@posta.example', testo: 'Buongiorno.' }, status: 200 });
    await ask(visitor, 'POST /posta-di-prova', { fields: { ufficio: 'nessuno' }, status: 404 });
  });

  test('who is not logged in', async () => {
    for (const name of withFlag('officer')) {
      await ask(visitor, name, { parts: [codes.first], status: 401 });
      if (!withFlag('live').includes(name)) await ask(visitor, name, { parts: [codes.first], json: false, status: 303 });
    }
  });

  test('a form without its token, with a file where none belongs, or too large', async () => {
    for (const { name, flags } of routes.filter((route) => route.name.startsWith('POST '))) {
      await ask(desk, name, { parts: [codes.first], csrf: 'altrove', status: 403 });
      const form = new FormData();
      form.append('file', new Blob(['x']), 'a.pdf');
      if (!flags.includes('upload')) await ask(desk, name, { parts: [codes.first], form, status: 415 });
      await ask(desk, name, { parts: [codes.first], fields: { testo: 'x'.repeat(300000) }, status: 413 });
    }
  });

  test('what is not there', async () => {
    for (const { name } of api.operations().filter(({ path, name: one }) => path.includes('{') && !quick.includes(one)))
      await ask(desk, name, { parts: [nobody, nobody], status: 404 });
  });

  test('too often', async () => {
    for (let tries = 0; tries < 11; tries += 1) await ask(visitor, 'POST /p', { fields: { code: 'EDI-7777-77' } });
    for (let tries = 0; tries < 6; tries += 1)
      await ask(desk, 'POST /password', { fields: { password: 'no', new_password: 'una-parola-lunga', repeated: 'una-parola-lunga' } });
    const { token } = await write();
    for (let tries = 0; tries < 21; tries += 1) {
      const form = new FormData();
      form.set('parole', `Ancora ${tries}.`);
      await ask(visitor, 'POST /p/{token}/aggiungi', { parts: [token], form });
    }
  });

  test('going out', async () => {
    await ask(await new Client(demo.url).login(), 'POST /esci', { status: 200 });
  });

  // 303 is what a browser gets where JSON gets 200; of those only the way to the login is asked for above.
  test('every answer that is described was seen', () => {
    const missing = api.operations().flatMap(({ name, operation }) => Object.keys(operation.responses).map(Number)
      .filter((status) => status !== 303 && !api.seen.get(name)?.has(status)).map((status) => `${name} ${status}`));
    assert.deepEqual(missing, []);
  });
});

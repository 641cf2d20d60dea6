// What a hostile reader tried: pressing twice, offices of others, links that lead elsewhere, numbers out of this world,
// a database that fails, a password that was changed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { request as open } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, officer, pause, program, sample, until } from './lib/server.mjs';
import { WebSocketClient } from './lib/websocket.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;

/** Another mail of a geometra: the code, the citizen's path and address of the request that it makes. */
let sent = 0;
async function write(demo) {
  sent += 1;
  const from = `persona${sent}@studio.example`;
  const mail = sample('01-chiara-geometra-scia.eml').toString('latin1')
    .replaceAll('m.zanolli@studiozanolli.example', from)
    .replace(/^Message-ID:.*$/im, `Message-ID: <review-${sent}@studio.example>`);
  assert.equal(await demo.deliver(Buffer.from(mail, 'latin1')), 0);
  const receipt = await until(async () => (await demo.letters())
    .find((l) => l.header('in-reply-to') === `<review-${sent}@studio.example>`), 'the receipt');
  return { from, code: /EDI-\w{4}-\w{2}/.exec(receipt.subject)[0], path: new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname };
}

async function confirm(desk, code, when) {
  const answer = await desk.post(`/scrivania/r/${code}/conferma`, { inizio: when, versione: 0 }, `/scrivania/r/${code}`);
  assert.equal(answer.status, 303, answer.text.slice(0, 500));
}

/** The command line on the installation of `demo`. */
function command(demo, words, input = '') {
  const result = spawnSync(program, [words[0], words[1], '--config', demo.config, ...words.slice(2)], { input });
  assert.equal(result.status, 0, result.stderr.toString());
}

describe('pressed twice', () => {
  let demo;
  let desk;
  before(async () => {
    demo = await Demo.start({ now: friday });
    desk = await new Client(demo.url).login();
  });
  after(() => demo.stop());

  test('an outcome sent twice is one letter, and says nothing of somebody else', async () => {
    const { code, from } = await write(demo);
    await confirm(desk, code, at('12-01T09:00'));
    const form = `/scrivania/r/${code}/esito`;
    const page = await desk.get(form);
    const versione = /name="versione" value="(\d+)"/.exec(page.text)?.[1] ?? '';
    const csrf = await desk.csrf(form);
    const fields = { esito: 'resolved', testo: 'Si può andare avanti.', invia: '1', passo: 'conferma', versione };
    const press = () => desk.post(form, fields, null, { csrf });
    assert.equal((await press()).status, 303);
    const second = await press();
    assert.equal(second.status, 409);
    const letters = demo.rows(`SELECT count(*) FROM letter WHERE kind = 'outcome' AND recipient = '${from}'`);
    assert.deepEqual(letters, [['1']]);
  });

  test('a phone call typed in once is one request', async () => {
    const page = await desk.get('/scrivania/nuova');
    const csrf = await desk.csrf('/scrivania/nuova');
    const numero = /name="numero" value="(\d+)"/.exec(page.text)?.[1] ?? '';
    const fields = { nome: 'Ada Neri', telefono: '045 8001234', testo: 'Chiede della SCIA 12/2026.', numero };
    const press = () => desk.post('/scrivania/nuova', fields, null, { csrf });
    const [first, second] = [await press(), await press()];
    assert.equal(first.status, 303);
    assert.equal(second.location, first.location);
    assert.deepEqual(demo.rows('SELECT count(*) FROM request WHERE source = \'phone\''), [['1']]);
  });

  test('a citizen who moves twice to the same time has moved', async () => {
    const { code, path } = await write(demo);
    await confirm(desk, code, at('12-01T09:20'));
    const citizen = new Client(demo.url);
    const csrf = await citizen.csrf(`${path}/sposta`);
    const press = () => citizen.post(`${path}/sposta`, { inizio: at('12-01T10:00') }, null, { csrf });
    assert.equal((await press()).location, `${path}?fatto=moved`);
    assert.equal((await press()).location, `${path}?fatto=moved`);
    assert.deepEqual(demo.rows(`SELECT sequence FROM appointment JOIN request ON request.id = request_id WHERE code = '${code}'`), [['1']]);
  });
});

describe('what leads elsewhere', () => {
  let demo;
  before(async () => { demo = await Demo.start({ now: friday }); });
  after(() => demo.stop());

  test('a way back is a path of ours', async () => {
    const visitor = new Client(demo.url);
    const csrf = await visitor.csrf('/posta-di-prova');
    for (const torna of ['//evil.example', '/\t/evil.example', '/\\evil.example', 'https://evil.example', '/a\nb']) {
      const answer = await visitor.ask('/orologio', { method: 'POST', body: new URLSearchParams({ csrf, dove: 'adesso', torna }) });
      assert.equal(answer.location, '/', JSON.stringify(torna));
    }
  });

  test('the language switch of a strange address stays here', async () => {
    const page = await new Client(demo.url).get(`${demo.url}//evil.example/x`);
    assert.equal(page.status, 404);
    assert.doesNotMatch(page.text, /"\/\/evil/);
  });

  test('a time out of this world is refused, not computed', async () => {
    const desk = await new Client(demo.url).login();
    const citizen = new Client(demo.url);
    const { code, path } = await write(demo);
    await confirm(desk, code, at('12-01T09:00'));
    const csrf = await citizen.csrf(`${path}/sposta`);
    for (const when of ['9223372036854775807', '-9223372036854775808', '253402300800']) {
      const seen = await desk.get(`/scrivania/r/${code}/conferma?inizio=${when}`);
      assert.equal(seen.status, 422);
      const moved = await citizen.post(`${path}/sposta`, { inizio: when }, null, { csrf, json: true });
      assert.equal(moved.status, 422);
      assert.deepEqual(moved.json.error.inizio, { invalid: true });
    }
  });

  test('an address that is not complete is named in the summary of errors', async () => {
    const desk = await new Client(demo.url).login();
    const answer = await desk.post('/scrivania/nuova', { nome: 'Ada', telefono: '045 1', email: 'ada@', testo: 'SCIA' });
    const wrong = await desk.post('/scrivania/nuova', { nome: 'Ada', telefono: '045 1', email: 'ada', testo: 'SCIA' });
    assert.equal(answer.status, 422);
    assert.match(wrong.text, /<a href="#email">\s*Indirizzo e-mail/);
  });
});

describe('who may', () => {
  let demo;
  let desk;
  let stranger;
  before(async () => {
    demo = await Demo.start({ now: friday });
    desk = await new Client(demo.url).login();
    command(demo, ['office', 'add', '--organisation', 'altrove', '--organisation-name', 'Comune di Altrove', '--slug', 'tributi',
      '--name', 'Tributi', '--address', 'tributi@altrove.example', '--prefix', 'TRI', '--service', 'Consulenza', '--hours', 'tue 9:00-12:00']);
    command(demo, ['user', 'add', '--email', 'estranea@altrove.example', '--name', 'Eva', '--office', 'tributi', '--role', 'administrator'], 'una-password-lunga-1\n');
    stranger = await new Client(demo.url).login('estranea@altrove.example', 'una-password-lunga-1');
  });
  after(() => demo.stop());

  test('an officer of another comune finds no request, document, room or result of ours', async () => {
    const { code } = await write(demo);
    await confirm(desk, code, at('12-01T09:00'));
    const [[attachment] = ['1']] = demo.rows('SELECT id FROM attachment LIMIT 1');
    const [[message]] = demo.rows('SELECT id FROM message LIMIT 1');
    const r = `/scrivania/r/${code}`;
    for (const path of [r, `${r}/conferma?inizio=${at('12-01T09:20')}`, `${r}/telefono`, `${r}/esito`, `${r}/annulla`, `${r}/sposta`,
      `${r}/sala`, `${r}/allegato/${attachment}`, `/scrivania/altra-posta/${message}`, '/scrivania?ufficio=edilizia',
      '/scrivania/nuova?ufficio=edilizia', '/risultati?ufficio=edilizia', '/risultati.csv?ufficio=edilizia']) {
      const answer = await stranger.get(path);
      assert.equal(answer.status, 404, path);
      assert.doesNotMatch(answer.text, /persona\d|Zanolli/i, path);
    }
    const csrf = await stranger.csrf('/scrivania');
    for (const action of ['conferma', 'telefono', 'rispondi', 'chiedi', 'indirizza', 'rifiuta', 'annulla-decisione', 'letta', 'proposte', 'esito',
      'annulla', 'sposta', 'ripristina', 'assente'])
      assert.equal((await stranger.post(`${r}/${action}`, { verdict: 'confirmed' }, null, { csrf })).status, 404, action);
    assert.deepEqual(demo.rows('SELECT count(*) FROM verdict'), [['0']]);
    const cookie = [...stranger.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const live = await WebSocketClient.connect(`${demo.url}${r}/sala/live`, { headers: { Cookie: cookie } });
    assert.equal(live.status, 404);
    assert.equal((await stranger.get('/scrivania/live?ufficio=edilizia')).status, 404);
  });

  test('a password that the operator changed ends the sessions that stand', async () => {
    command(demo, ['user', 'add', '--email', 'ex@altrove.example', '--name', 'Ex', '--office', 'tributi'], 'una-password-lunga-2\n');
    const former = await new Client(demo.url).login('ex@altrove.example', 'una-password-lunga-2');
    assert.equal((await former.get('/scrivania')).status, 200);
    await pause(1100); // the store keeps whole seconds
    command(demo, ['user', 'password', '--email', 'ex@altrove.example'], 'una-password-lunga-3\n');
    assert.equal((await former.get('/scrivania')).status, 303);
  });

  test('who changes the password stays inside, and nobody else', async () => {
    const person = await new Client(demo.url).login(officer);
    const other = await new Client(demo.url).login(officer);
    const secret = 'prova-di-sportello-1';
    const answer = await person.post('/password', { password: secret, new_password: 'un-altra-password', repeated: 'un-altra-password' });
    assert.equal(answer.status, 303, answer.text.slice(0, 300));
    assert.equal((await person.get('/scrivania')).status, 200);
    assert.equal((await other.get('/scrivania')).status, 303);
    const back = await person.post('/password', { password: 'un-altra-password', new_password: secret, repeated: secret });
    assert.equal(back.status, 303);
  });
});

describe('a network', () => {
  test('of forty officers that come in the morning is not shut out', async () => {
    const demo = await Demo.start({ now: friday });
    for (let i = 0; i < 40; i += 1) {
      const answer = await new Client(demo.url).post('/accedi', { email: officer, password: 'prova-di-sportello-1' });
      assert.equal(answer.status, 303, `the ${i + 1}th`);
    }
    await demo.stop();
  });

  test('is that of the last X-Forwarded-For when a proxy adds a header of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-'));
    await (await Demo.start({ now: friday, folder })).stop();
    const text = join(folder, 'sportello.conf');
    appendFileSync(text, '\n[server]\ntrusted_proxies = 127.0.0.1\n');
    const demo = await Demo.start({ now: friday, folder });
    const visitor = new Client(demo.url);
    const csrf = await visitor.csrf('/p');
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const ask = (made) => new Promise((done, failed) => {
      const body = new URLSearchParams({ csrf, code: 'EDI-0000-00' }).toString();
      const call = open(`${demo.url}/p`, { method: 'POST', headers: ['Host', new URL(demo.url).host, 'Cookie', cookie, 'Content-Type', 'application/x-www-form-urlencoded',
        'Content-Length', String(body.length), 'X-Forwarded-For', made, 'X-Forwarded-For', '203.0.113.7'] }, (answer) => {
        answer.resume();
        answer.on('end', () => done(answer.statusCode));
      });
      call.on('error', failed);
      call.end(body);
    });
    const statuses = [];
    for (let i = 0; i < 11; i += 1) statuses.push(await ask(`198.51.${i}.1`));
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
    assert.equal(statuses[10], 429, statuses.join(' '));
  });
});

describe('when something fails', () => {
  test('who has no telephone is offered none', async () => {
    const demo = await Demo.start({ now: friday });
    const desk = await new Client(demo.url).login();
    const { code, path } = await write(demo);
    await confirm(desk, code, at('12-01T09:00'));
    demo.rows('UPDATE office SET phone = \'\'; UPDATE person SET phone = NULL, phone_e164 = NULL');
    const { room } = await desk.json(path);
    for (const page of ['/', '/ufficio/edilizia', '/prenota?servizio=1', path, `${path}/annulla`, `${path}/sposta`, room,
      '/scrivania', `/scrivania/r/${code}`, `/scrivania/r/${code}/sala`, `/scrivania/r/${code}/telefono`, '/accessibilita', '/privacy']) {
      const { status, text } = await desk.get(page);
      assert.equal(status, 200, page);
      assert.doesNotMatch(text, /href="(tel|mailto):"|<a [^>]*>\s*<\/a>/, page);
    }
    await demo.stop();
  });

  test('a table that cannot be read is a failure, not an empty page', async () => {
    const demo = await Demo.start({ now: friday });
    const desk = await new Client(demo.url).login();
    const { code } = await write(demo);
    const r = `/scrivania/r/${code}`;
    const cases = [['letter', r], ['audit', r], ['message', '/scrivania/altra-posta'], ['person', r], ['person', '/scrivania'],
      ['person', '/scrivania?cerca=Zanolli'], ['person', '/scrivania?elenco=da-leggere'], ['participant', `/sala/${'0'.repeat(26)}`]];
    for (const [table, path] of cases) {
      demo.rows(`ALTER TABLE ${table} RENAME TO gone`);
      const answer = await desk.get(path);
      demo.rows(`ALTER TABLE gone RENAME TO ${table}`);
      assert.equal(answer.status, 500, `${path} without ${table}`);
    }
    assert.equal((await desk.get(r)).status, 200);
    await demo.stop();
  });
});

// What an operator is handed beside the program: letters passed to the machine's MTA, a request erased by hand, and
// what each line of the log means.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, root, sample, until } from './lib/server.mjs';

const zanolli = 'm.zanolli@studiozanolli.example';
const tuesdayAtTen = Date.parse('2026-11-24T10:00:00+01:00') / 1000;

describe('packaging', () => {
  let demo;
  let desk;
  let code;

  before(async () => {
    demo = await Demo.start({ now: '2026-11-20T18:00:00+01:00' });
    desk = await new Client(demo.url).login();
    assert.equal(await demo.deliver(sample('03-architetta-alternative-allegati.eml')), 0);
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    await until(async () => (await demo.letters()).length === 2, 'both receipts');
    code = (await desk.json('/scrivania')).rows.find((row) => row.person.email === zanolli).code;
  });
  after(() => demo.stop());

  /** sportello-send with a sendmail of our own, whose last line is `end`. */
  function send(end) {
    const sendmail = join(demo.folder, 'sendmail');
    writeFileSync(sendmail, `#!/bin/sh\necho "$*" >> ${demo.folder}/called\ncat >> ${demo.folder}/mails\n${end}\n`);
    chmodSync(sendmail, 0o755);
    return spawnSync(join(root, 'packaging/sportello-send'), [join(demo.folder, 'mail/outgoing')],
      { env: { ...process.env, SENDMAIL: sendmail } }).status;
  }
  const lettersIn = (part) => readdirSync(join(demo.folder, 'mail/outgoing', part)).length;

  test('a letter that the MTA does not take stays for the next call', () => {
    assert.equal(send('exit 75'), 1);
    assert.deepEqual([lettersIn('new'), lettersIn('cur')], [2, 0]);
  });

  test('letters go to sendmail from the office\'s address, once', () => {
    writeFileSync(join(demo.folder, 'called'), '');
    writeFileSync(join(demo.folder, 'mails'), '');
    assert.equal(send('exit 0'), 0);
    assert.deepEqual([lettersIn('new'), lettersIn('cur')], [0, 2]);
    assert.equal(send('exit 0'), 0);
    const called = readFileSync(join(demo.folder, 'called'), 'utf8').trim().split('\n');
    assert.deepEqual(called, Array(2).fill('-i -t -f appuntamentiedilizia@comune.esempio.example'));
    const mails = readFileSync(join(demo.folder, 'mails'), 'utf8');
    assert.match(mails, new RegExp(`^To: .*${zanolli}`, 'm'));
    assert.doesNotMatch(mails, /\r/);
  });

  test('a request erased by hand leaves nothing of its citizen, and its time is free', async () => {
    const database = join(demo.folder, 'sportello.db');
    const sql = (...options) => spawnSync('sqlite3', [...options, database], { encoding: 'utf8', input: readFileSync(join(root, 'packaging/erase-request.sql')) });
    const erase = (name) => sql('-cmd', `.parameter set :code "'${name}'"`);
    const page = `/scrivania/r/${code}`;
    await desk.post(`${page}/conferma`, { inizio: tuesdayAtTen, versione: 0 }, page);
    await desk.post(`${page}/proposte`, { kind: 'sender', value: 'Marco Zanolli', verdict: 'confirmed' }, page);
    assert.deepEqual(demo.rows('SELECT value FROM verdict'), [['Marco Zanolli']]);
    demo.rows("INSERT INTO letter (id, office_id, kind, recipient, subject, message_id, state, sendable_at, created_at) "
      + "VALUES (7, (SELECT id FROM office), 'urgent', 'g.verdi@comune.example', 'Urgente', 'u@comune.example', 'sent', 0, 0);"
      + `INSERT INTO letter_content VALUES (7, 'Zanolli: https://sportello.example/scrivania/r/${code}', CAST('Zanolli' AS BLOB));`
      + "INSERT INTO letter_receipt (letter_id, message_id, type, at) SELECT l.id, m.id, 'failed', 1 FROM letter l "
      + `JOIN request r ON r.id = l.request_id JOIN message m ON m.request_id = r.id WHERE r.code = '${code}' LIMIT 1`);
    assert.match(erase('EDI-7777-77').stdout, /there is no request EDI-7777-77/);
    const erased = erase(code);
    assert.equal(erased.status, 0, erased.stderr);
    assert.match(erased.stdout, new RegExp(`erasing ${code}`));
    assert.equal((await desk.get(page)).status, 404);
    const [other] = (await desk.json('/scrivania')).rows;
    const { times, thread } = await desk.json(`/scrivania/r/${other.code}`);
    assert.ok(thread.length > 0, 'the other request is whole');
    const taken = await desk.json(`/scrivania/r/${other.code}/conferma?inizio=${tuesdayAtTen}`);
    assert.equal(taken.time.start, tuesdayAtTen, JSON.stringify(times));
    const dump = spawnSync('sqlite3', [database, '.dump'], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout;
    assert.doesNotMatch(dump, /[Zz]anolli/);
    assert.doesNotMatch(readFileSync(database).toString('latin1'), /[Zz]anolli/, 'not even in free pages');
    const check = spawnSync('sqlite3', [database, 'PRAGMA integrity_check; PRAGMA foreign_key_check;'], { encoding: 'utf8' });
    assert.equal(check.stdout.trim(), 'ok');
  });
});

test('each event of the log is explained', () => {
  const manual = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const sources = readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.c'));
  const events = new Set(sources.flatMap((name) => [...readFileSync(join(root, 'src', name), 'utf8').matchAll(/"event=([a-z_]+)/g)].map((match) => match[1])));
  const explained = new Set([...manual.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([a-z_]+)`/g)].map((match) => match[1])));
  assert.deepEqual([...events].sort(), [...explained].sort());
});

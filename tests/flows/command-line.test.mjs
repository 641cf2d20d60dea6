// The command line as scripts use it: exit codes, help, rows made once, backup, doctor.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { Demo, program, root, run, sample, until } from './lib/server.mjs';

let folder;
let config;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sportello-cli-'));
  config = join(folder, 'sportello.conf');
  writeFileSync(config, '[server]\npublic_url = https://sportello.comune.example\n');
});
after(() => rmSync(folder, { recursive: true, force: true }));

const addOffice = ['office', 'add', '--config', null, '--organisation', 'esempio', '--organisation-name', 'Comune di Esempio',
  '--slug', 'edilizia', '--name', 'Edilizia privata', '--address', 'edilizia@comune.example', '--prefix', 'EDI',
  '--service', 'Videochiamata', '--hours', 'tue 9:00-12:30 15:00-17:30, thu 9:00-12:30'];
const office = () => run(addOffice.map((word) => word ?? config));

test('each command has its help, and no command is a usage error', () => {
  assert.equal(run([]).code, 2);
  assert.equal(run(['--help']).code, 0);
  for (const name of ['demo', 'serve', 'deliver', 'read', 'office', 'user', 'backup', 'doctor']) {
    const help = run([name, '--help']);
    assert.equal(help.code, 0, name);
    assert.match(help.out, /Usage:/, name);
  }
  assert.equal(run(['brew-coffee']).code, 2);
});

test('the manual has each option of the program, and no other', () => {
  const manual = readFileSync(join(root, 'docs/man/sportello.1'), 'utf8').replaceAll('\\-', '-');
  const named = (text) => [...new Set([...text.matchAll(/--([a-z][a-z-]+)/g)].map((match) => match[1]))].sort();
  const names = [...run(['--help']).out.matchAll(/^ {2}sportello (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual([...manual.matchAll(/^\.SS (\w+)/gm)].map((match) => match[1]), names);
  const helps = names.map((name) => run([name, '--help']).out).join('\n');
  assert.deepEqual(named(manual), named(`${helps} --version`));
});

test('a wrong option is a usage error, but never a reason for the MTA to bounce', () => {
  assert.equal(run(['serve', '--nonsense']).code, 2);
  assert.equal(run(['serve']).code, 2);
  assert.equal(run(['deliver', '--nonsense'], 'x').code, 75);
  assert.equal(run(['deliver', '--config', '/does/not/exist', '--office', 'edilizia'], 'x').code, 75);
});

test('a typo in the configuration is told with file, line, key and what is allowed', () => {
  const wrong = join(folder, 'wrong.conf');
  writeFileSync(wrong, '[server]\nlisten = 127.0.0.1:8080\nworkerz = 4\n');
  const said = run(['serve', '--config', wrong]);
  assert.equal(said.code, 2);
  assert.match(said.err, /wrong\.conf/);
  assert.match(said.err, /\b3\b/);
  assert.match(said.err, /workerz/);
  assert.match(said.err, /workers/);
  assert.ok(!existsSync(join(folder, 'sportello.db')), 'nothing was opened');
  assert.equal(run(['deliver', '--config', wrong, '--office', 'edilizia'], 'x').code, 75);
});

test('the same office and person added twice are one', () => {
  for (let round = 0; round < 2; round++) {
    const made = office();
    assert.equal(made.code, 0, made.err);
    const user = run(['user', 'add', '--config', config, '--email', 'g.verdi@comune.example', '--name', 'G. Verdi',
      '--office', 'edilizia'], 'una-parola-lunga\n');
    assert.equal(user.code, 0, user.err);
  }
  const offices = run(['office', 'list', '--config', config]);
  assert.equal(offices.out.match(/edilizia /g).length, 1);
  assert.match(offices.out, /tue 9:00-12:30 15:00-17:30, thu 9:00-12:30/);
  assert.equal(run(['user', 'list', '--config', config]).out.trim().split('\n').length, 1);
});

test('office set changes what is given and keeps the rest', () => {
  const set = run(['office', 'set', '--config', config, '--slug', 'edilizia', '--phone', '045 555 0100']);
  assert.equal(set.code, 0, set.err);
  assert.match(run(['office', 'list', '--config', config]).out, /Edilizia privata <edilizia@comune\.example>/);
  assert.equal(run(['office', 'set', '--config', config, '--slug', 'anagrafe', '--phone', '1']).code, 2);
  assert.equal(run(['office', 'set', '--config', config, '--slug', 'edilizia', '--hours', 'tue 9-8']).code, 2);
});

test('an office has topics and requirements of its own, which read obeys', () => {
  const set = (...words) => run(['office', 'set', '--config', config, '--slug', 'edilizia', ...words]);
  const letter = ['From: Mario Rossi <m@studio.example>', 'Date: Fri, 20 Nov 2026 10:00:00 +0100', 'Subject: Incontro',
    'Message-ID: <1@studio.example>', '', 'Sono il geom. Mario Rossi, tecnico incaricato dalla sig.ra Elena Fiorini:',
    'chiedo un incontro sul deposito sismico.', ''].join('\r\n');
  const read = () => JSON.parse(run(['read', '--config', config, '--office', 'edilizia'], letter).out);

  assert.equal(read().topic, null);
  assert.deepEqual(read().triage.missing, ['telefono']);
  const topics = 'sismica: deposito sismic~, genio civile; agibilita', required = 'practice, phone, delegation';
  const made = set('--topics', topics, '--required', required);
  assert.equal(made.code, 0, made.err);
  const listed = run(['office', 'list', '--config', config]).out;
  assert.ok(listed.includes(topics) && listed.includes(required), listed);
  assert.equal(read().topic, 'sismica');
  assert.equal(read().topic_span.raw, 'deposito sismico');
  assert.deepEqual(read().triage.missing, ['numero di pratica', 'telefono', 'delega']);

  assert.match(set('--topics', 'Sismica: x').err, /--topics: a topic's key is .* small letters/);
  assert.match(set('--required', 'phone, telefono').err, /--required: .*not 'telefono'/);
  assert.equal(read().topic, 'sismica');
  assert.equal(set('--topics', '', '--required', '').code, 0);
  assert.equal(read().topic, null);
});

test('what an office cannot be is told in the words of the options, and changes nothing', () => {
  const before = run(['office', 'list', '--config', config]).out;
  for (const [wrong, told] of [
    [['--slot', '7'], /--slot wants 5 to 480 minutes/], [['--counters', '-1'], /--counters wants 1 to 99/],
    [['--patron', '21-05'], /want --organisation too/], [['--address', 'edilizia'], /--address wants an e-mail address/],
  ]) {
    const said = run(['office', 'set', '--config', config, '--slug', 'edilizia', ...wrong]);
    assert.equal(said.code, 2, wrong.join(' '));
    assert.match(said.err, told);
  }
  assert.equal(run(['office', 'list', '--config', config]).out, before);
});

test('a new person wants an address to log in with and a name that citizens see', () => {
  const add = (...words) =>
    run(['user', 'add', '--config', config, '--office', 'edilizia', ...words], 'una-parola-lunga\n');
  assert.match(add('--email', 'n.bianchi', '--name', 'N. Bianchi').err, /--email wants an e-mail address/);
  assert.match(add('--email', 'n.bianchi@comune.example').err, /wants --name/);
  assert.doesNotMatch(run(['user', 'list', '--config', config]).out, /bianchi/);
});

test('a folder that is missing is named, with what to do', () => {
  const elsewhere = join(folder, 'elsewhere.conf');
  writeFileSync(elsewhere, `[data]\ndatabase = ${folder}/missing/sportello.db\n`);
  const said = run(['office', 'list', '--config', elsewhere]);
  assert.equal(said.code, 1);
  assert.match(said.err, /missing, the folder of the database, is not there: make it/);
  const { out } = run(['doctor', '--config', elsewhere]);
  assert.match(out, /FAIL .*database .* is not there: sportello office add/);
  assert.equal(out.match(/^FAIL +outgoing Maildir/gm).length, 1, out);
  assert.match(out, /^warn +no \[mailbox\], no lmtp_socket, no incoming Maildir: mail comes in by sportello deliver alone$/m);
});

test('a short password is refused', () => {
  const user = run(['user', 'password', '--config', config, '--email', 'g.verdi@comune.example'], 'corta\n');
  assert.equal(user.code, 2);
});

test('deliver stores without a server: 0, and 67 for an unknown office', () => {
  const message = sample('01-chiara-geometra-scia.eml');
  const first = run(['deliver', '--config', config, '--office', 'edilizia'], message);
  assert.equal(first.code, 0, first.err);
  const stored = () => spawnSync('sqlite3', [join(folder, 'sportello.db'), 'SELECT count(*), sum(size) FROM message'])
    .stdout.toString().trim();
  assert.equal(stored(), `1|${message.length}`);
  assert.equal(run(['deliver', '--config', config, '--office', 'edilizia'], message).code, 0);
  assert.equal(stored(), `1|${message.length}`, 'the same bytes twice are one message');
  assert.equal(run(['deliver', '--config', config, '--office', 'anagrafe'], message).code, 67);
});

test('a message above max_message keeps its headers and the first MiB', () => {
  const big = Buffer.concat([Buffer.from('From: a@b.example\r\nSubject: enorme\r\n\r\n'), Buffer.alloc(52 * 1024 * 1024, 'x')]);
  const said = run(['deliver', '--config', config, '--office', 'edilizia'], big);
  assert.equal(said.code, 0, said.err);
  const row = spawnSync('sqlite3', [join(folder, 'sportello.db'),
    `SELECT size, truncated, (SELECT sum(length(bytes)) FROM message_piece WHERE message_id = message.id)
     FROM message ORDER BY size DESC LIMIT 1`]).stdout.toString().trim().split('|').map(Number);
  assert.equal(row[0], big.length);
  assert.equal(row[1], 1);
  assert.ok(row[2] >= 1024 * 1024 && row[2] < 2 * 1024 * 1024 + 4096, `${row[2]} bytes kept`);
});

test('backup is a database of its own, and works again after it was put back', () => {
  const copy = join(folder, 'copia.db');
  assert.equal(run(['backup', '--config', config, copy]).code, 0);
  const count = (file) => spawnSync('sqlite3', [file, 'PRAGMA integrity_check; SELECT count(*) FROM message'])
    .stdout.toString();
  assert.equal(count(copy), 'ok\n2\n');
  assert.equal(run(['backup', '--config', config]).code, 2);
});

test('a backup of a running server holds what was acknowledged, and is a database that a server starts on', async () => {
  const demo = await Demo.start({ now: '2026-11-20T18:00:00+01:00' });
  assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
  await demo.letter('m.zanolli@studiozanolli.example', /EDI-/);
  const restored = mkdtempSync(join(tmpdir(), 'sportello-backup-'));
  const said = run(['backup', '--config', demo.config, join(restored, 'sportello.db')]);
  assert.equal(said.code, 0, said.err);
  assert.equal(statSync(join(restored, 'sportello.db')).mode & 0o77, 0, 'for us alone');
  for (const name of ['sportello.conf', 'sportello.key']) writeFileSync(join(restored, name), readFileSync(join(demo.folder, name)), { mode: 0o600 });
  const link = new URL(/http\S+\/p\/\w{26}/.exec((await demo.letters())[0].text)[0]).pathname;
  assert.equal(await demo.stop(), 0);
  const again = await Demo.start({ folder: restored, now: '2026-11-20T18:00:00+01:00' });
  assert.equal((await fetch(again.url + link)).status, 200, 'the link of the letter still opens the request');
  assert.equal(await again.stop(), 0);
  rmSync(restored, { recursive: true, force: true });
});

test('a newer schema is refused in words', () => {
  const newer = join(folder, 'newer');
  spawnSync('mkdir', ['-p', newer]);
  const file = join(newer, 'sportello.conf');
  writeFileSync(file, readFileSync(config));
  spawnSync('cp', [join(folder, 'copia.db'), join(newer, 'sportello.db')]);
  spawnSync('sqlite3', [join(newer, 'sportello.db'), 'PRAGMA user_version = 99']);
  const said = run(['office', 'list', '--config', file]);
  assert.equal(said.code, 1);
  assert.match(said.err, /newer/);
});

test('doctor says in words that http hands out no camera', () => {
  const plain = join(folder, 'plain.conf');
  writeFileSync(plain, '[server]\npublic_url = http://sportello.comune.example\n');
  const said = run(['doctor', '--config', plain]);
  assert.equal(said.code, 1);
  assert.match(said.out, /FAIL .*camera and microphone on https/);
  assert.match(said.out, /ok .*office edilizia/);
});

test('read prints the reading of a message as JSON', () => {
  const said = run(['read'], sample('01-chiara-geometra-scia.eml'));
  assert.equal(said.code, 0, said.err);
  const reading = JSON.parse(said.out);
  assert.equal(reading.kind, 'request');
  assert.deepEqual(reading.phones, ['+390455550134', '+393475550198']);
  assert.equal(run(['read', '--nonsense'], '').code, 2);
});

test('the key file is made once and for us alone', () => {
  const server = run(['doctor', '--config', config]);
  assert.match(server.out, /key/);
  if (existsSync(join(folder, 'sportello.key'))) assert.equal(statSync(join(folder, 'sportello.key')).mode & 0o77, 0);
});

test('the demo takes any free port, and its links carry the port it took', async () => {
  for (const [listen, host] of [['127.0.0.1:0', '127.0.0.1'], ['[::1]:0', '[::1]']]) {
    const data = join(folder, `demo-${host.length}`);
    const demo = spawn(program, ['demo', '--data', data, '--listen', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((done) => { demo.once('exit', done); });
    let printed = '';
    demo.stdout.on('data', (text) => { printed += text; });
    const url = await until(() => /the demo: (http:\S+)/.exec(printed)?.[1], 'the address');
    assert.equal(new URL(url).hostname, host);
    const csrf = /name="csrf" value="([^"]+)"/.exec(await (await fetch(`${url}/posta-di-prova`)).text());
    assert.ok(csrf, 'it answers there');
    assert.equal(run(['deliver', '--config', join(data, 'sportello.conf'), '--office', 'edilizia'], sample('01-chiara-geometra-scia.eml')).code, 0);
    const receipt = await until(() => readdirSync(join(data, 'mail/outgoing/new')).map((name) => join(data, 'mail/outgoing/new', name))[0], 'the receipt');
    const text = (await PostalMime.parse(readFileSync(receipt))).text;
    assert.ok(text.includes(`${url}/p/`), text);
    for (let times = 0; times < 50; times++) demo.kill('SIGTERM'); // the impatient change nothing
    assert.equal(await ended, 0);
  }
  const wrong = run(['demo', '--data', join(folder, 'nowhere'), '--listen', 'localhost']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /127\.0\.0\.1:8080/);
  assert.ok(!existsSync(join(folder, 'nowhere')), 'nothing was made');
});

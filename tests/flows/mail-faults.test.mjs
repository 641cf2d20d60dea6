// A server that is killed at any point of taking mail in and of sending letters: no request twice, none lost, one
// decision about a receipt for each message; a letter goes out again only when the kill came between the 250 of the
// submission server and the mark in the store, and then it is the same letter.
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lmtp } from './lib/lmtp.mjs';
import { Installation, freePort, pause, run, until } from './lib/server.mjs';
import { SmtpServer } from './lib/smtp-server.mjs';

const rounds = process.env.ASAN_OPTIONS ? 25 : 200;
const seed = Number(process.env.SPORTELLO_SEED ?? randomInt(2 ** 31));
const address = 'edilizia@comune.example';

/** The same numbers from the same seed (mulberry32). */
function randomFrom(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomFrom(seed);
const below = (most) => Math.floor(random() * most);

/** Every seventh is from a machine, which gets no letter; every fifth carries a document. */
function write(number) {
  const automatic = number % 7 === 0;
  const bytes = createHash('sha512').update(String(number)).digest();
  const document = number % 5 ? '' : `--x\r\nContent-Type: application/pdf; name="tavola.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.concat(Array.from({ length: 500 }, () => bytes)).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`;
  const message = Buffer.from([
    'Date: Fri, 20 Nov 2026 17:30:00 +0100', `From: Persona ${number} <persona${number}@kill.example>`, `To: ${address}`, `Subject: Colpo ${number}`, `Message-ID: <kill-${number}@kill.example>`,
    ...(automatic ? ['Auto-Submitted: auto-generated'] : []), 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=x', '',
    `--x\r\nContent-Type: text/plain\r\n\r\nBuongiorno, vorrei un appuntamento per la SCIA ${number}/2026.\r\n\r\n${document}--x--`, ''].join('\r\n'));
  return { number, automatic, message };
}

/** Rows as they stand on the disk after a kill, read from a copy: the server itself has to come to terms with its log. */
function rowsOfCopy(folder, sql) {
  const copy = join(folder, 'copy.db');
  for (const part of ['', '-wal']) {
    rmSync(`${copy}${part}`, { force: true });
    if (existsSync(join(folder, `sportello.db${part}`))) copyFileSync(join(folder, `sportello.db${part}`), `${copy}${part}`);
  }
  const result = spawnSync('sqlite3', ['-separator', '\t', copy, sql]);
  assert.equal(result.status, 0, result.stderr.toString());
  return result.stdout.toString().split('\n').filter(Boolean);
}

async function install(folder, smtpPort) {
  const config = join(folder, 'sportello.conf');
  const port = await freePort();
  writeFileSync(config, `[server]
listen = 127.0.0.1:${port}
public_url = http://127.0.0.1:${port}
[mail]
incoming = mail/incoming
incoming_office = edilizia
lmtp_socket = lmtp
[smtp sink]
url = smtp://127.0.0.1:${smtpPort}
tls = none
`);
  const added = run(['office', 'add', '--config', config, '--organisation', 'e', '--slug', 'edilizia', '--name', 'Edilizia', '--address', address, '--prefix', 'EDI', '--service', 'Videochiamata', '--hours', 'tue 9:00-12:30']);
  assert.equal(added.code, 0, added.err);
  return { config, start: () => Installation.start(config, `http://127.0.0.1:${port}`) };
}

test(`killed ${rounds} times while mail comes in and letters go out`, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-faults-'));
  const kept = []; // by the mail server: not acknowledged yet
  const all = [];
  const heard = []; // letters that got their 250: { round, id, digest }
  const marked = []; // per round: identifiers of letters that are marked sent after its kill
  let round = 0;
  let server;
  let kills = 0;
  let killAt = 'any time';
  const told = `seed ${seed}`;
  const sink = await SmtpServer.start({ script: (verb) => {
    if (verb !== 'END') return;
    if (killAt === '250') server.process.kill('SIGKILL'); // said, never heard
    if (killAt === 'mark') setImmediate(() => server.process.kill('SIGKILL')); // heard, perhaps marked
  } });
  const collect = () => {
    for (const { raw, isTaken } of sink.messages.splice(0))
      if (isTaken) heard.push({ round, id: /^Message-ID:\s*<(.+?)>/mi.exec(raw)[1], digest: createHash('sha256').update(raw).digest('hex') });
  };

  const ways = [
    async ({ message }) => (await lmtp(join(folder, 'lmtp'), message, [address]))[0] === 250,
    async ({ message }) => await server.deliver(message) === 0,
    async ({ number, message }) => {
      const incoming = join(folder, 'mail/incoming');
      writeFileSync(join(incoming, 'tmp', `k${number}`), message);
      renameSync(join(incoming, 'tmp', `k${number}`), join(incoming, 'new', `k${number}`));
      return true;
    },
  ];
  const hand = async (mail) => {
    const way = [0, 0, 0, 0, 1, 2, 2][below(7)];
    if (!await ways[way](mail)) kept.push(mail);
  };

  try {
    const { start } = await install(folder, sink.port);
    for (; round < rounds; round += 1) {
      server = await start();
      killAt = ['any time', 'any time', '250', 'mark'][below(4)];
      const fresh = Array.from({ length: 1 + below(3) }, (_, i) => write(all.length + 1 + i));
      all.push(...fresh);
      const work = [...kept.splice(0), ...fresh].map(hand);
      await Promise.race([pause(killAt === 'any time' ? below(80) : 400), server.ended]);
      await server.kill();
      kills += 1;
      await Promise.all(work);
      collect();
      marked.push(new Set(rowsOfCopy(folder, "SELECT message_id FROM letter WHERE state = 'sent'")));
    }
    killAt = 'never';
    server = await start();
    while (kept.length) await Promise.all(kept.splice(0).map(hand));
    const count = (sql) => Number(server.rows(sql)[0][0]);
    const incoming = join(folder, 'mail/incoming/new');
    await until(() => readdirSync(incoming).length === 0 && count('SELECT count(*) FROM message') === all.length && count("SELECT count(*) FROM message WHERE state = 'stored'") === 0,
      () => `all to be filed, ${told}: ${server.rows('SELECT state, count(*) FROM message GROUP BY state').join(' ')} of ${all.length}`, 60);
    await until(() => count("SELECT count(*) FROM letter WHERE state <> 'sent'") === 0, () => `all letters to be sent, ${told}: ${server.rows('SELECT state, count(*) FROM letter GROUP BY state').join(' ')}`, 60);
    collect();

    const people = all.filter((mail) => !mail.automatic).map(({ number }) => `Colpo ${number}`).sort();
    assert.deepEqual(server.rows('SELECT subject FROM request').flat().sort(), people, `each is one request, ${told}`);
    assert.deepEqual(server.rows("SELECT r.subject FROM letter l JOIN request r ON r.id = l.request_id WHERE l.kind = 'receipt'").flat().sort(), people, `each has one receipt, ${told}`);
    assert.equal(count('SELECT count(*) FROM letter'), people.length, told);
    assert.equal(count("SELECT count(*) FROM message WHERE state = 'read' AND reason IS NOT NULL"), all.length - people.length, `machines get none, ${told}`);
    assert.deepEqual(server.rows('PRAGMA integrity_check'), [['ok']]);

    const letters = new Map();
    for (const letter of heard) letters.set(letter.id, [...letters.get(letter.id) ?? [], letter]);
    assert.deepEqual([...letters.keys()].sort(), server.rows('SELECT message_id FROM letter').flat().sort(), `each letter was taken by the submission server, ${told}`);
    let again = 0;
    for (const [id, sent] of letters)
      for (let i = 1; i < sent.length; i += 1) {
        again += 1;
        assert.notEqual(sent[i].round, sent[i - 1].round, `${id} twice by one server, ${told}`);
        assert.ok(!marked[sent[i - 1].round].has(id), `${id} went out in round ${sent[i].round} though it was marked after round ${sent[i - 1].round}, ${told}`);
        assert.equal(sent[i].digest, sent[0].digest, `${id} changed, ${told}`);
      }
    assert.ok(again > 0, `the moment between 250 and mark was hit, ${told}`);
    context.diagnostic(`${kills} kills, ${all.length} messages, ${letters.size} letters, ${again} sent again between 250 and mark, ${told}`);
    assert.equal(await server.stop(), 0);
  } finally {
    if (server?.process.exitCode === null && server.process.signalCode === null) await server.kill();
    await sink.stop?.();
    rmSync(folder, { recursive: true, force: true });
  }
});

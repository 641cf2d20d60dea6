// The ways in that a mail server of this machine uses: LMTP, the pipe of `sportello deliver`, the Maildir. What each
// answers when something is wrong, and that one message which comes by two of them is one request.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LmtpClient, lmtp } from './lib/lmtp.mjs';
import { Demo, program, run, until } from './lib/server.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const address = 'appuntamentiedilizia@comune.esempio.example';
const [mailbox, domain] = address.split('@');

let made = 0;
/** A message as the person's own server sent it on: lines end with LF. */
function mail(subject, { id = true, text = 'Buongiorno, vorrei un appuntamento per la SCIA 77/2026.', to = address, ...headers } = {}) {
  made += 1;
  const all = { 'Date': `Fri, 20 Nov 2026 17:30:${String(made % 60).padStart(2, '0')} +0100`, 'From': `Ada Prova <prova${made}@studio.example>`, 'To': to, 'Subject': subject,
    ...(id ? { 'Message-ID': `<ways-${made}@studio.example>` } : {}), ...headers };
  return Buffer.from(`${Object.entries(all).map(([name, value]) => `${name}: ${value}\n`).join('')}\n${text}\n`);
}
const crlf = (bytes) => Buffer.from(bytes.toString().replace(/\n/g, '\r\n'));
const onTop = (headers, bytes) => Buffer.concat([Buffer.from(headers), bytes]);

const socketOf = (server) => join(server.folder, 'lmtp');
function drop(server, name, bytes) {
  const incoming = join(server.folder, 'mail/incoming');
  writeFileSync(join(incoming, 'tmp', name), bytes);
  renameSync(join(incoming, 'tmp', name), join(incoming, 'new', name));
}

/** Each hands a message over and returns when it is durable; what comes over IMAP has its own tests. */
const ways = {
  deliver: async (server, bytes) => assert.equal(await server.deliver(bytes), 0),
  lmtp: async (server, bytes) => assert.deepEqual(await lmtp(socketOf(server), bytes, [address]), [250]),
  maildir: async (server, bytes) => {
    const name = `17636${made}.M${Math.random().toString(36).slice(2)}.mx`;
    drop(server, name, bytes);
    await until(() => existsSync(join(server.folder, 'mail/incoming/cur', `${name}:2,S`)), 'the file in cur');
  },
};

const waiting = (server) => server.rows("SELECT count(*) FROM message WHERE state = 'stored'")[0][0] === '0';
const requests = (server, subject) => Number(server.rows(`SELECT count(*) FROM request WHERE subject = '${subject}'`)[0][0]);
const receipts = (server, subject) => Number(server.rows(`SELECT count(*) FROM letter l JOIN request r ON r.id = l.request_id WHERE l.kind = 'receipt' AND r.subject = '${subject}'`)[0][0]);

/** Another process in the middle of writing; ends with the function it answers. */
async function hold(database) {
  const child = spawn('sqlite3', [database], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => { said += text; });
  child.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
  await until(() => said.includes('held'), 'the lock');
  return () => new Promise((done) => {
    child.once('close', done);
    child.stdin.end('ROLLBACK;\n');
  });
}

describe('the same message by two ways', () => {
  let demo;
  before(async () => { demo = await Demo.start({ now: friday, environment: { SPORTELLO_MAIL_LMTP_SOCKET: 'lmtp' } }); });
  after(() => demo.stop());

  const received = (mx) => `Received: from studio.example by ${mx}.comune.esempio.example\r\n\t(Postfix) with ESMTPS; Fri, 20 Nov 2026 17:31:00 +0100\r\n`;
  /** What the two ways make of one message. */
  const variants = {
    'the same bytes': (bytes) => [bytes, bytes],
    'other line ends': (bytes) => [bytes, crlf(bytes)],
    'other trace fields': (bytes) => [onTop(received('mx1'), crlf(bytes)), onTop(`Return-Path: <x@studio.example>\r\nX-Original-To: ${address}\r\nDelivered-To: ${address}\r\n${received('mx2')}`, crlf(bytes))],
    'both': (bytes) => [onTop(received('mx1').replace(/\r/g, ''), bytes), onTop(`Return-Path: <x@studio.example>\r\n${received('mx2')}`, crlf(bytes))],
    'a field that one provider adds': (bytes) => [bytes, onTop('X-Provider-Scan: clean\r\n', crlf(bytes))],
  };

  for (const first of Object.keys(ways))
    for (const second of Object.keys(ways))
      test(`${first}, then ${second}`, async () => {
        for (const [name, variant] of Object.entries(variants))
          for (const id of [true, false]) {
            if (!id && name === 'a field that one provider adds') continue; // nothing says that it is the same
            const subject = `${first} e ${second}: ${name}, ${id ? 'con' : 'senza'} Message-ID`;
            const [one, other] = variant(mail(subject, { id }));
            await ways[first](demo, one);
            await ways[second](demo, other);
            await until(() => waiting(demo), 'all to be read');
            assert.deepEqual([requests(demo, subject), receipts(demo, subject)], [1, 1], subject);
          }
      });

  test('by all of them at once', async () => {
    const bytes = mail('Tutte insieme');
    await Promise.all(Object.values(ways).flatMap((way) => [way(demo, bytes), way(demo, onTop(received('mx3'), crlf(bytes)))]));
    await until(() => waiting(demo), 'all to be read');
    assert.deepEqual([requests(demo, 'Tutte insieme'), receipts(demo, 'Tutte insieme')], [1, 1]);
  });

  test('two messages of a machine that gives them neither identifier nor date stay two', async () => {
    const bytes = mail('Fax', { id: false }).toString().replace(/^Date: .*\n/, '');
    await ways.lmtp(demo, onTop(received('mx1'), Buffer.from(bytes)));
    await ways.lmtp(demo, onTop(received('mx1').replace('17:31:00', '17:32:00'), Buffer.from(bytes)));
    await until(() => waiting(demo), 'all to be read');
    assert.equal(requests(demo, 'Fax'), 2);
  });
});

describe('LMTP', () => {
  let demo;
  before(async () => {
    demo = await Demo.start({ now: friday, environment: { SPORTELLO_MAIL_LMTP_SOCKET: 'lmtp', SPORTELLO_MAIL_MAX_MESSAGE: '64 KiB' } });
    const [[organisation]] = demo.rows('SELECT slug FROM organisation');
    const made_ = run(['office', 'add', '--config', demo.config, '--organisation', organisation, '--slug', 'tributi', '--name', 'Tributi', '--address', `tributi@${domain}`, '--own-addresses', `tributi@pec.${domain}`, '--prefix', 'TRI']);
    assert.equal(made_.code, 0, made_.err);
  });
  after(() => demo.stop());

  const where = (subject) => demo.rows(`SELECT o.slug FROM request r JOIN office o ON o.id = r.office_id WHERE r.subject = '${subject}' ORDER BY 1`).flat();

  test('the socket is for the server\'s group, and says what it takes', async () => {
    assert.equal(statSync(socketOf(demo)).mode & 0o777, 0o660);
    const client = await LmtpClient.connect(socketOf(demo));
    for (const offer of ['PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SIZE']) assert.match(client.offers, new RegExp(`^250[- ]${offer}$`, 'm'));
    client.close();
  });

  test('one message to two offices is a request of each, and an address of nobody is refused alone', async () => {
    assert.deepEqual(await lmtp(socketOf(demo), mail('A due uffici'), [address, `nessuno@${domain}`, `Tributi@PEC.${domain}`]), [250, 550, 250]);
    await until(() => waiting(demo), 'all to be read');
    assert.deepEqual(where('A due uffici'), ['edilizia', 'tributi']);
  });

  test('several addresses of one office are one request', async () => {
    assert.deepEqual(await lmtp(socketOf(demo), mail('Due indirizzi'), [`tributi@${domain}`, `tributi@pec.${domain}`, `tributi+qualcosa@${domain}`]), [250, 250, 250]);
    await until(() => waiting(demo), 'all to be read');
    assert.deepEqual(where('Due indirizzi'), ['tributi']);
  });

  test('a tag that stands in the envelope alone finds its request', async () => {
    assert.deepEqual(await lmtp(socketOf(demo), mail('La richiesta', { From: 'Elio <elio@studio.example>' }), [address]), [250]);
    const receipt = await demo.letter('elio@studio.example', /EDI-/);
    const tagged = receipt.replyTo?.[0]?.address ?? `${mailbox}+${/EDI-\w{4}-\w{2}/.exec(receipt.subject)[0]}@${domain}`;
    assert.match(tagged, /\+/);
    assert.deepEqual(await lmtp(socketOf(demo), mail('In copia nascosta', { From: 'Elio <elio@studio.example>', to: 'altri@studio.example' }), [tagged]), [250]);
    await until(() => waiting(demo), 'all to be read');
    assert.deepEqual(where('In copia nascosta'), []);
    assert.equal(demo.rows("SELECT r.subject FROM message m JOIN request r ON r.id = m.request_id WHERE m.subject = 'In copia nascosta'").flat()[0], 'La richiesta');
  });

  test('the null sender of the envelope is a machine, and gets no letter', async () => {
    assert.deepEqual(await lmtp(socketOf(demo), mail('Da una macchina', { From: 'Robot <robot@ditta.example>' }), [address], ''), [250]);
    await until(() => waiting(demo), 'all to be read');
    assert.equal(receipts(demo, 'Da una macchina'), 0);
    assert.equal(demo.rows("SELECT count(*) FROM letter WHERE recipient = 'robot@ditta.example'")[0][0], '0');
  });

  test('a longer message than we keep is taken, and says so', async () => {
    const large = Buffer.concat([mail('Grande'), Buffer.from(`${'riga di testo\n'.repeat(200000)}`)]);
    assert.deepEqual(await lmtp(socketOf(demo), large, [address]), [250]);
    await until(() => waiting(demo), 'all to be read');
    assert.deepEqual(where('Grande'), ['edilizia']);
    assert.deepEqual(demo.rows("SELECT truncated FROM message WHERE subject = 'Grande'"), [['1']]);
  });

  test('many at a time, each durable when it is answered', async () => {
    const many = Array.from({ length: 24 }, (_, i) => mail(`Insieme ${i}`));
    const codes = await Promise.all(many.map((bytes) => lmtp(socketOf(demo), bytes, [address])));
    assert.deepEqual(codes.flat(), many.map(() => 250));
    assert.equal(demo.rows(`SELECT count(*) FROM message`)[0][0] >= 24, true);
    await until(() => waiting(demo), 'all to be read', 40);
    for (let i = 0; i < many.length; i += 1) assert.equal(requests(demo, `Insieme ${i}`), 1);
  });

  test('a second message cannot be smuggled in behind bare line feeds', async () => {
    const client = await LmtpClient.connect(socketOf(demo));
    for (const line of ['MAIL FROM:<a@b.example>', `RCPT TO:<${address}>`]) assert.equal((await client.ask(line)).code, 250);
    assert.equal((await client.ask('DATA')).code, 354);
    client.socket.write('From: a@b.example\r\nSubject: Uno solo\r\nMessage-ID: <smuggle@b.example>\r\n\r\nciao\n.\nMAIL FROM:<capo@ditta.example>\n.\r\nRCPT TO:<x>\r\n.\r\n');
    assert.equal((await client.reply()).code, 250);
    assert.equal((await client.ask('NOOP')).code, 250);
    client.close();
    await until(() => waiting(demo), 'all to be read');
    assert.match(demo.rows("SELECT text FROM message WHERE subject = 'Uno solo'").flat().join('\n'), /ciao/);
  });
});

describe('what may pass is not refused for good', () => {
  test('configuration that is missing or wrong, and a name that is no office', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-wrong-'));
    try {
      const config = join(folder, 'sportello.conf');
      const deliver = (...options) => run(['deliver', ...options], mail('x')).code;
      assert.equal(deliver('--office', 'edilizia'), 75);
      assert.equal(deliver('--config', config, '--office', 'edilizia'), 75);
      writeFileSync(config, '[mail]\nincomming = x\n');
      assert.equal(deliver('--config', config, '--office', 'edilizia'), 75);
      writeFileSync(config, '[log]\nlevel = info\n');
      assert.equal(deliver('--config', config), 75);
      assert.equal(deliver('--config', config, '--office', 'edilizia'), 75, 'no database');
      assert.equal(deliver('--config', config, '--office', 'edilizia', '--nonsense'), 75);
      assert.equal(run(['office', 'add', '--config', config, '--organisation', 'e', '--slug', 'edilizia', '--name', 'E', '--address', 'e@e.example', '--prefix', 'EDI']).code, 0);
      assert.equal(deliver('--config', config, '--office', 'anagrafe'), 67);
      assert.equal(deliver('--config', config, '--office', 'edilizia', '--wait', '0'), 75);
      assert.equal(deliver('--config', config, '--office', 'edilizia'), 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a database of another version: 75 by deliver, told by doctor, and neither changes it; a copy can be made', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-version-'));
    try {
      const config = join(folder, 'sportello.conf');
      const database = join(folder, 'sportello.db');
      const sql = (text) => spawnSync('sqlite3', [database, text]).stdout.toString().trim();
      writeFileSync(config, '[server]\npublic_url = http://127.0.0.1:1\n');
      assert.equal(run(['office', 'add', '--config', config, '--organisation', 'e', '--slug', 'edilizia', '--name', 'E', '--address', 'e@e.example', '--prefix', 'EDI']).code, 0);
      const newest = Number(sql('PRAGMA user_version'));
      for (const version of [newest - 1, newest + 1]) {
        sql(`PRAGMA user_version = ${version}`);
        assert.equal(run(['deliver', '--config', config, '--office', 'edilizia'], mail('x')).code, 75);
        const doctor = run(['doctor', '--config', config]);
        assert.equal(doctor.code, 1);
        assert.match(doctor.out, new RegExp(`^FAIL +database .*schema ${version}`, 'm'));
        assert.equal(run(['backup', '--config', config, join(folder, `copy-${version}.db`)]).code, 0);
        assert.equal(sql('PRAGMA user_version'), String(version));
        assert.equal(sql('SELECT count(*) FROM message'), '0');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a locked store, with and without a server: 75 and 451; a frozen server: 75; then all of it is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-locked-'));
    let demo;
    try {
      const environment = { SPORTELLO_MAIL_LMTP_SOCKET: 'lmtp' };
      demo = await Demo.start({ folder, now: friday, environment });
      const bytes = { piped: mail('Per il tubo'), sent: mail('Per LMTP'), frozen: mail('Nel gelo'), alone: mail('Da solo') };
      let release = await hold(join(folder, 'sportello.db'));
      const [piped, sent] = await Promise.all([demo.deliver(bytes.piped), lmtp(socketOf(demo), bytes.sent, [address])]);
      await release();
      assert.deepEqual([piped, sent], [75, [451]]);
      demo.process.kill('SIGSTOP');
      const frozen = await new Promise((done) => {
        const child = spawn(program, ['deliver', '--config', demo.config, '--office', 'edilizia', '--wait', '1'], { stdio: ['pipe', 'ignore', 'ignore'] });
        child.once('close', done);
        child.stdin.end(bytes.frozen);
      });
      demo.process.kill('SIGCONT');
      assert.equal(frozen, 75);
      for (const message of [bytes.piped, bytes.sent, bytes.frozen]) assert.equal(await demo.deliver(message), 0);
      await until(() => waiting(demo), 'all to be read');
      assert.equal(await demo.stop(), 0);
      release = await hold(join(folder, 'sportello.db'));
      assert.equal(await demo.deliver(bytes.alone), 75);
      await release();
      assert.equal(await demo.deliver(bytes.alone), 0);
      demo = await Demo.start({ folder, now: friday, environment });
      await until(() => waiting(demo), 'all to be read');
      for (const subject of ['Per il tubo', 'Per LMTP', 'Nel gelo', 'Da solo']) assert.deepEqual([requests(demo, subject), receipts(demo, subject)], [1, 1], subject);
    } finally {
      await demo?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('silent clients hold nobody up', async () => {
    const demo = await Demo.start({ now: friday, environment: { SPORTELLO_MAIL_LMTP_SOCKET: 'lmtp' } });
    try {
      const silent = await Promise.all(Array.from({ length: 8 }, () => LmtpClient.connect(socketOf(demo))));
      const begun = Date.now();
      assert.deepEqual(await lmtp(socketOf(demo), mail('Accanto'), [address]), [250]);
      assert.equal(await demo.deliver(mail('Accanto al tubo')), 0);
      assert.ok(Date.now() - begun < 10000);
      for (const client of silent) assert.equal((await client.ask('NOOP')).code, 250);
      const ending = Date.now();
      demo.process.kill('SIGTERM');
      assert.equal((await silent[0].reply()).code, 421);
      await demo.ended;
      assert.ok(Date.now() - ending < 10000);
      for (const client of silent) client.close();
    } finally {
      await demo.stop();
    }
  });
});

test('drafts that somebody left in tmp of a Maildir are removed after 36 hours', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-tmp-'));
  try {
    const first = await Demo.start({ folder, now: friday });
    await first.stop();
    const draft = (name, hours) => {
      const file = join(folder, 'mail/incoming/tmp', name);
      writeFileSync(file, 'x');
      utimesSync(file, Date.now() / 1000 - hours * 3600, Date.now() / 1000 - hours * 3600);
      return file;
    };
    const [stale, young] = [draft('stale', 40), draft('young', 30)];
    const demo = await Demo.start({ folder, now: friday });
    await until(() => !existsSync(stale), 'the old one to go');
    assert.equal(readFileSync(young, 'utf8'), 'x');
    assert.equal(await demo.stop(), 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

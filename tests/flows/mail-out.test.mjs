// Letters on their way out: through a real Postfix into a real Dovecot, and through a server that refuses, waits, hangs
// up, shows a certificate nobody should trust, or keeps its STARTTLS to itself.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from './lib/certificates.mjs';
import { Client } from './lib/client.mjs';
import { Dovecot } from './lib/dovecot.mjs';
import { Postfix, canRun } from './lib/postfix.mjs';
import { Installation, freePort, password, program, run, until } from './lib/server.mjs';
import { SmtpServer } from './lib/smtp-server.mjs';

const office = 'edilizia@comune.esempio.example';
const secret = 'parola-della-casella-1';

let folder;
let certificates;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sportello-out-'));
  certificates = makeCertificates(folder);
  writeFileSync(join(folder, 'smtp.secret'), `${secret}\n`, { mode: 0o600 });
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A server with these sections, one office and an officer; `stop` also removes its folder. */
let made = 0;
async function installation(sections) {
  made += 1;
  const home = join(folder, `installation-${made}`);
  const config = join(home, 'sportello.conf');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(home);
  writeFileSync(config, `[server]\nlisten = 127.0.0.1:${port}\npublic_url = ${url}\n[mail]\nhold_s = 0\n${sections}`);
  const command = (...words) => {
    const result = run([words[0], words[1], '--config', config, ...words.slice(2)]);
    assert.equal(result.code, 0, result.err);
  };
  command('office', 'add', '--organisation', 'comune', '--slug', 'edilizia', '--name', 'Edilizia', '--address', office, '--prefix', 'EDI');
  return Installation.start(config, url);
}

const smtp = (url, rest = '') => `[smtp provider]\nurl = ${url}\n${rest}`;
const login = () => `user = ${office}\nsecret_file = ${join(folder, 'smtp.secret')}\nca_file = ${certificates.ca}\n`;

/** Somebody writes, and gets a receipt sooner or later. */
let written = 0;
async function write(server, from, extra = '') {
  written += 1;
  const mail = `Date: Fri, 20 Nov 2026 17:30:00 +0100\r\nFrom: Ada Prova <${from}>\r\nTo: ${office}\r\n${extra}`
    + `Subject: Appuntamento ${written}\r\nMessage-ID: <out-${written}@studio.example>\r\n\r\nBuongiorno, vorrei un appuntamento per la SCIA 77/2026.\r\n`;
  assert.equal(await server.deliver(Buffer.from(mail)), 0);
}

/** { state, attempts, error, message_id } of the letter to an address, once there is one and `wanted` says so. */
async function letter(server, recipient, wanted, what) {
  let found = null;
  await until(() => {
    const [row] = server.rows(`SELECT state, attempts, coalesce(last_error, ''), message_id FROM letter WHERE recipient = '${recipient}'`);
    if (row) found = { state: row[0], attempts: Number(row[1]), error: row[2], messageId: row[3] };
    return found && wanted(found);
  }, () => `${what}: ${JSON.stringify(found)}\n${server.log}`);
  return found;
}
const sent = (server, recipient) => letter(server, recipient, (l) => l.state === 'sent', 'a letter sent');

/** A line of its log, which may come a moment after the row. */
const said = (server, line) => until(() => line.test(server.log), () => `${line} in ${server.log}`);

/** Stops, lets every waiting letter be due, starts again: pauses are not waited for in a test. */
async function again(server) {
  assert.equal(await server.stop(), 0);
  const result = spawnSync('sqlite3', [join(server.folder, 'sportello.db'), "UPDATE letter SET sendable_at = 1, due_at = strftime('%s', 'now') WHERE state = 'waiting'"]);
  assert.equal(result.status, 0, result.stderr.toString());
  return Installation.start(server.config, server.url);
}

describe('through Postfix into a box of Dovecot', { skip: !canRun && 'Postfix is started by root only' }, () => {
  const citizen = 'ada.prova@studio.example';
  let dovecot;
  let postfix;
  before(async () => {
    dovecot = await Dovecot.start({ users: { [office]: secret, [citizen]: 'altra' }, ...certificates.good });
    postfix = await Postfix.start({ dovecot, domains: ['studio.example', 'comune.esempio.example'], ...certificates.good });
  });
  after(async () => {
    await postfix?.stop();
    await dovecot?.stop();
  });

  for (const [name, url] of [['STARTTLS', () => `smtp://localhost:${postfix.port}`], ['TLS from the first byte', () => `smtps://localhost:${postfix.tlsPort}`]])
    test(`with ${name} and a login`, async () => {
      const known = dovecot.messages(citizen).length;
      const server = await installation(smtp(url(), login()));
      try {
        await write(server, citizen);
        await sent(server, citizen);
        await until(() => dovecot.messages(citizen).length === known + 1, () => `the letter in the box: ${postfix.log()}`);
        assert.match(dovecot.messages(citizen).at(-1).subject, /EDI-/);
        assert.match(postfix.log(), new RegExp(`sasl_username=${office}`));
        assert.match(postfix.log(), new RegExp(`from=<${office}>`));
      } finally {
        await server.stop();
      }
    });

  test('told to wait, then refused', async () => {
    const says = (reply) => postfix.reload(`smtpd_recipient_restrictions = check_recipient_access inline:{{ tarda@studio.example = ${reply} }}, permit\n`);
    await says('450 4.7.1 later');
    let server = await installation(smtp(`smtp://localhost:${postfix.port}`, login()));
    try {
      await write(server, 'tarda@studio.example');
      assert.match((await letter(server, 'tarda@studio.example', (l) => l.error, 'a letter told to wait')).error, /^450 4\.7\.1 /);
      await says('550 5.1.1 never');
      server = await again(server);
      const refused = await letter(server, 'tarda@studio.example', (l) => l.state === 'failed', 'a letter refused');
      assert.match(refused.error, /^550 5\.1\.1 /);
    } finally {
      await server.stop();
      await postfix.reload('');
    }
  });

  test('a bounce of a tagged sender address comes back into the office\'s box', async () => {
    const server = await installation(`subaddress = yes\n${smtp(`smtp://localhost:${postfix.port}`, login())}`);
    try {
      await write(server, 'nessuno@studio.example'); // Dovecot knows nobody of that name
      const { messageId } = await sent(server, 'nessuno@studio.example');
      const token = /^s\.(\w{26})@/.exec(messageId)[1];
      await until(() => postfix.log().includes(`to=<edilizia+b-${token}@comune.esempio.example>`), () => `the bounce: ${postfix.log()}`);
    } finally {
      await server.stop();
    }
  });
});

describe('a server that answers what it wants', () => {
  let peer;
  let server;
  after(async () => {
    await server?.stop();
    await peer?.stop();
  });

  test('letters leave one after the other over one connection, byte for byte', async () => {
    peer = await SmtpServer.start();
    server = await installation(smtp(`smtp://127.0.0.1:${peer.port}`, 'tls = none\n'));
    for (const name of ['uno', 'due', 'tre']) {
      await write(server, `${name}@studio.example`);
      await sent(server, `${name}@studio.example`);
    }
    assert.equal(peer.conversations.length, 1);
    assert.deepEqual(peer.taken().map((m) => m.recipient), ['uno@studio.example', 'due@studio.example', 'tre@studio.example']);
    assert.deepEqual(new Set(peer.taken().map((m) => m.sender)), new Set([office]));
    const [[bytes]] = server.rows("SELECT hex(c.bytes) FROM letter_content c JOIN letter l ON l.id = c.letter_id WHERE recipient = 'due@studio.example'");
    assert.equal(peer.taken()[1].raw, Buffer.from(bytes, 'hex').toString('latin1'));
    assert.deepEqual(server.letterFiles(), []);
  });

  test('"not now" leaves that domain alone, others go on; then the same letter leaves', async () => {
    const rcpts = [];
    peer.script = (verb, path) => {
      if (verb !== 'RCPT') return null;
      rcpts.push(path);
      return path.endsWith('@lento.example') ? '450 4.7.1 <adele@lento.example>: greylisted' : null;
    };
    await write(server, 'adele@lento.example');
    const first = await letter(server, 'adele@lento.example', (l) => l.state === 'waiting' && l.error, 'a letter told to wait');
    assert.match(first.error, /^450 4\.7\.1 /);
    assert.doesNotMatch(first.error, /adele/);
    await write(server, 'bice@lento.example');
    const second = await letter(server, 'bice@lento.example', (l) => l.state === 'waiting' && l.error, 'a letter left alone');
    assert.equal(second.error, 'its domain said: not now');
    await write(server, 'carla@svelto.example');
    await sent(server, 'carla@svelto.example');
    assert.deepEqual(rcpts, ['adele@lento.example', 'carla@svelto.example']);
    peer.script = null;
    server = await again(server);
    assert.equal((await sent(server, 'adele@lento.example')).messageId, first.messageId);
    await sent(server, 'bice@lento.example');
    assert.doesNotMatch(server.log, /lento\.example|adele/);
  });

  test('a refusal shows on the desk at once, whatever it answers', async () => {
    run(['user', 'add', '--config', server.config, '--office', 'edilizia', '--email', 'op@comune.example', '--name', 'Op'], `${password}\n`);
    for (const [stage, path] of [['MAIL', 'mail'], ['RCPT', 'rcpt'], ['DATA', 'data'], ['END', 'fine']]) {
      peer.script = (verb) => (verb === stage ? `554 5.7.1 <${path}@no.example>: no` : null);
      await write(server, `${path}@no.example`);
      const refused = await letter(server, `${path}@no.example`, (l) => l.state === 'failed', `a letter refused at ${stage}`);
      assert.match(refused.error, /^554 5\.7\.1 /);
      assert.doesNotMatch(refused.error, /no\.example/);
      assert.equal(refused.attempts, 1);
      await said(server, /event=letter_failed letter=\d+ route=mail attempts=1 final=yes error="554 5\.7\.1 /);
    }
    peer.script = null;
    const desk = await new Client(server.url).login('op@comune.example', password);
    const [[code]] = server.rows("SELECT code FROM request r JOIN letter l ON l.request_id = r.id WHERE l.recipient = 'rcpt@no.example'");
    assert.match((await desk.get(`/scrivania/r/${code}`)).text, /non consegnata.*554 5\.7\.1/s);
    assert.equal((await desk.get('/scrivania')).text.match(/lettera non consegnata/g).length, 4);
  });

  test('a reply that never comes makes the same message leave again', async () => {
    peer.script = (verb) => (verb === 'END' ? 'drop' : null);
    await write(server, 'persa@studio.example');
    const lost = await letter(server, 'persa@studio.example', (l) => l.state === 'waiting' && l.error, 'a letter without reply');
    peer.script = null;
    server = await again(server);
    await sent(server, 'persa@studio.example');
    const ids = peer.messages.filter((m) => m.recipient === 'persa@studio.example').map((m) => /^Message-ID: <(.*)>/im.exec(m.raw)[1]);
    assert.deepEqual(ids, [lost.messageId, lost.messageId]);
  });

  test('a server that hung up while nothing was sent costs no letter', async () => {
    await write(server, 'prima@studio.example');
    await sent(server, 'prima@studio.example');
    for (const { socket } of peer.conversations) socket.destroy();
    await write(server, 'dopo@studio.example');
    assert.equal((await sent(server, 'dopo@studio.example')).attempts, 1);
  });

  test('a server that is not there is asked again, and says so once it is', async () => {
    const { port } = peer;
    await peer.stop();
    await write(server, 'paziente@studio.example');
    await letter(server, 'paziente@studio.example', (l) => l.state === 'waiting' && /^provider: /.test(l.error), 'a letter that waits');
    await said(server, /event=smtp_down smtp=provider failures=1 again_s=[4-6] error="/);
    peer = await SmtpServer.start({ port });
    await sent(server, 'paziente@studio.example');
    await said(server, /event=smtp_up smtp=provider/);
  });
});

test('whenever the program is killed: no letter is lost, and one that leaves again is the same message', async () => {
  const count = 3000;
  const peer = await SmtpServer.start();
  let server = await installation(smtp(`smtp://127.0.0.1:${peer.port}`, 'tls = none\n'));
  try {
    await server.stop();
    const sql = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO letter (id, office_id, kind, recipient, subject, message_id, state, sendable_at, created_at)
        SELECT i, (SELECT id FROM office), 'answer', 'c' || i || '@studio.example', 'x', 's.' || i || '@x', 'waiting', 1 + i, 1 FROM n;
      UPDATE letter SET due_at = strftime('%s', 'now');
      INSERT INTO letter_content (letter_id, text, bytes)
        SELECT id, '', CAST('Message-ID: <' || message_id || '>' || char(13, 10, 13, 10) || 'ciao' || char(13, 10) AS BLOB) FROM letter;`;
    const filled = spawnSync('sqlite3', [join(server.folder, 'sportello.db'), sql]);
    assert.equal(filled.status, 0, filled.stderr.toString());
    let kills = 0;
    for (;;) {
      server = await Installation.start(server.config, server.url);
      const [[left]] = server.rows("SELECT count(*) FROM letter WHERE state <> 'sent'");
      if (left === '0' || kills === 12) break;
      const enough = peer.taken().length + Math.random() * 150;
      await until(() => peer.taken().length > enough, 'letters to leave');
      await server.kill();
      kills += 1;
    }
    await until(() => server.rows("SELECT count(*) FROM letter WHERE state <> 'sent'")[0][0] === '0', 'the rest to leave');
    const times = new Map();
    for (const { recipient, raw } of peer.taken()) {
      assert.equal(raw, `Message-ID: <s.${recipient.slice(1).split('@')[0]}@x>\r\n\r\nciao\r\n`);
      times.set(recipient, (times.get(recipient) ?? 0) + 1);
    }
    assert.equal(times.size, count);
    assert.ok(kills > 3, `${kills} kills`);
    assert.ok(peer.taken().length <= count + kills * 64, `${peer.taken().length} letters, ${kills} kills`);
    assert.deepEqual(server.rows("SELECT count(*) FROM letter WHERE state = 'sent' AND sent_at > 0"), [[String(count)]]);
  } finally {
    await server.stop();
    await peer.stop();
  }
});

describe('credentials', () => {
  const untrusted = {
    'of a self-signed certificate': { certificate: 'selfSigned' },
    'of a certificate for another host': { certificate: 'wrongName' },
    'of an expired certificate': { certificate: 'expired' },
    'of an authority that is not ours': { certificate: 'stranger' },
    'that offers no STARTTLS': { certificate: 'good', startTls: false },
    'that refuses STARTTLS': { certificate: 'good', script: (verb) => (verb === 'STARTTLS' ? '454 4.7.0 not now' : null) },
    'with TLS from the first byte and a self-signed certificate': { certificate: 'selfSigned', isTls: true },
  };
  for (const [name, { certificate, ...options }] of Object.entries(untrusted))
    test(`none leaves for a server ${name}, and the letter waits`, async () => {
      const peer = await SmtpServer.start({ mechanisms: 'PLAIN LOGIN', certificate: certificates[certificate], ...options });
      const server = await installation(smtp(`${options.isTls ? 'smtps' : 'smtp'}://localhost:${peer.port}`, login()));
      try {
        await write(server, 'ada@studio.example');
        const waiting = await letter(server, 'ada@studio.example', (l) => l.error, 'a letter that waits');
        assert.equal(waiting.state, 'waiting');
        assert.match(waiting.error, /^provider: /);
        assert.deepEqual(peer.logins, []);
        assert.deepEqual(peer.messages, []);
        assert.deepEqual(peer.heard().filter((line) => /^(AUTH|MAIL|RCPT)/i.test(line)), []);
        await said(server, /event=smtp_down smtp=provider/);
        assert.doesNotMatch(server.log, new RegExp(secret));
      } finally {
        await server.stop();
        await peer.stop();
      }
    });

  for (const [mechanism, rest, said] of [
    ['PLAIN', '', [`\0${office}\0${secret}`]],
    ['LOGIN', '', [office, secret]],
    ['XOAUTH2', 'auth = xoauth2\n', [`user=${office}\x01auth=Bearer ${secret}\x01\x01`]],
  ])
    test(`go by ${mechanism}, after TLS, and a renewed secret is used for the next letter`, async () => {
      const peer = await SmtpServer.start({ mechanisms: mechanism, certificate: certificates.good });
      const own = join(folder, `${mechanism}.secret`);
      writeFileSync(own, `${secret}\n`, { mode: 0o600 });
      const server = await installation(smtp(`smtp://localhost:${peer.port}`, `user = ${office}\nsecret_file = ${own}\nca_file = ${certificates.ca}\n${rest}`));
      try {
        await write(server, 'ada@studio.example');
        await sent(server, 'ada@studio.example');
        assert.deepEqual(peer.logins, [{ mechanism, said, isSecure: true }]);
        assert.deepEqual(peer.heard().slice(0, 2).map((line) => line.split(' ')[0]), ['EHLO', 'STARTTLS']);
        assert.doesNotMatch(server.log, new RegExp(secret));
        writeFileSync(own, 'rinnovata\n');
        await write(server, 'bice@studio.example');
        await sent(server, 'bice@studio.example');
        assert.deepEqual(peer.logins[1].said, said.map((text) => text.replace(secret, 'rinnovata')));
      } finally {
        await server.stop();
        await peer.stop();
      }
    });

  test('that are wrong are not the letter\'s fault', async () => {
    const peer = await SmtpServer.start({ mechanisms: 'PLAIN', certificate: certificates.good, script: (verb) => (verb === 'AUTH' ? '535 5.7.8 who?' : null) });
    const server = await installation(smtp(`smtp://localhost:${peer.port}`, login()));
    try {
      await write(server, 'ada@studio.example');
      const waiting = await letter(server, 'ada@studio.example', (l) => l.error, 'a letter that waits');
      assert.equal(waiting.state, 'waiting');
      assert.match(waiting.error, /^provider: 535 5\.7\.8 /);
    } finally {
      await server.stop();
      await peer.stop();
    }
  });

  test('that others can read are not used', async () => {
    const open = join(folder, 'open.secret');
    writeFileSync(open, 'aperta\n', { mode: 0o644 });
    const peer = await SmtpServer.start({ mechanisms: 'PLAIN', certificate: certificates.good });
    const server = await installation(smtp(`smtp://localhost:${peer.port}`, `user = ${office}\nsecret_file = ${open}\nca_file = ${certificates.ca}\n`));
    try {
      await write(server, 'ada@studio.example');
      assert.match((await letter(server, 'ada@studio.example', (l) => l.error, 'a letter that waits')).error, /others can read it/);
      assert.equal(peer.conversations.length, 0);
    } finally {
      await server.stop();
      await peer.stop();
    }
  });
});

describe('doctor', () => {
  let server;
  let peer;
  before(async () => {
    peer = await SmtpServer.start({ mechanisms: 'PLAIN', certificate: certificates.good, sizeLimit: 10240000 });
    server = await installation('');
  });
  after(async () => {
    await server.stop();
    await peer.stop();
  });

  /** With these sections: { code, out }. The peers live in this process, so it must not wait for it in vain. */
  const doctor = (sections) => new Promise((done) => {
    const text = readFileSync(server.config, 'utf8');
    writeFileSync(server.config, text.slice(0, text.indexOf('hold_s = 0\n') + 11) + sections);
    execFile(program, ['doctor', '--config', server.config], (error, out) => done({ code: error?.code ?? 0, out }));
  });

  test('logs in, sends nothing, and says when big letters do not fit', async () => {
    const { code, out } = await doctor(smtp(`smtp://localhost:${peer.port}`, login()));
    assert.match(out, /^ok +\[smtp provider\] secret_file .* is ours alone$/m);
    assert.match(out, /^ok +\[smtp provider\] smtp:\S+ lets us in$/m);
    assert.match(out, /^warn +\[smtp provider\] the server takes messages up to 10 MB: 30 MB of drawings need 45 MB, encoded$/m);
    assert.equal(code, 0, out);
    assert.equal(peer.logins.length, 1);
    assert.deepEqual(peer.messages, []);
    assert.ok(!out.includes(secret));
  });

  test('fails with the reason when a server does not let us in, cannot be trusted or is not there', async () => {
    peer.script = (verb) => (verb === 'AUTH' ? '535 5.7.8 who?' : null);
    const refused = await doctor(smtp(`smtp://localhost:${peer.port}`, login()));
    assert.match(refused.out, /^FAIL +\[smtp provider\] smtp:\S+: 535 5\.7\.8 \(.*\); look at user and secret_file/m);
    assert.equal(refused.code, 1);
    const untrusted = await doctor(smtp(`smtp://localhost:${peer.port}`, login().replace(/ca_file.*/, '')));
    assert.match(untrusted.out, /^FAIL +\[smtp provider\] smtp:\S+: SSL .*; .* ca_file$/m);
    const absent = await doctor(smtp(`smtp://localhost:${await freePort()}`, 'office = tributi\n'));
    assert.match(absent.out, /^FAIL +\[smtp provider\] office = tributi: there is no such office/m);
    assert.match(absent.out, /^FAIL +\[smtp provider\] smtp:\S+: Failed to connect.*; look at host, port and firewalls/m);
    const early = await doctor(smtp(`smtps://localhost:${peer.port}`, login()));
    assert.match(early.out, /^FAIL +\[smtp provider\] smtps:.*; TLS does not begin at once on this port: imap:\/\/ and smtp:\/\/ begin it with STARTTLS$/m);
    const open = join(folder, 'open.secret');
    writeFileSync(open, secret, { mode: 0o644 });
    const read = await doctor(smtp(`smtp://localhost:${peer.port}`, login().replace(/secret_file.*/, `secret_file = ${open}`)));
    assert.deepEqual(read.out.split('\n').filter((line) => line.includes('[smtp')), [`FAIL  [smtp provider] secret_file: ${open}: others can read it: chmod 600 it`]);
  });

  test('tells what of PEC is missing, and letters that nobody takes away', async () => {
    const letter = join(server.folder, 'mail/outgoing/new/1.L1.sportello');
    writeFileSync(letter, 'Subject: x\r\n\r\n');
    const plain = await doctor('');
    assert.match(plain.out, /^warn +no \[smtp\] section is for every office: .*\/mail\/outgoing/m);
    utimesSync(letter, 1, 1);
    const pec = await doctor(`[mailbox pec]\noffice = edilizia\nurl = imap://127.0.0.1:${await freePort()}\nuser = x\nsecret_file = ${join(folder, 'smtp.secret')}\npec = yes\n`);
    assert.match(pec.out, /^warn +letters have been in .*\/mail\/outgoing for more than an hour: nobody sends them/m);
    assert.match(pec.out, /^FAIL +\[mailbox pec\] is PEC, but no \[smtp\] section with pec = yes is for edilizia/m);
    assert.match(pec.out, /^FAIL +\[mailbox pec\] imap:/m);
    assert.match(pec.out, /^warn +\[pec\] ca_file is not set/m);
  });
});

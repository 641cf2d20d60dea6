// Mail from a real Postfix: by LMTP into the server's socket, and by its pipe into `sportello deliver`, as the README
// has them. The server runs as a user of its own; Postfix's user reaches the LMTP socket through its group.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from './lib/certificates.mjs';
import { LmtpClient, stuffed } from './lib/lmtp.mjs';
import { Postfix, canRun } from './lib/postfix.mjs';
import { Installation, freePort, program, run, until } from './lib/server.mjs';

const idOf = (kind, name) => Number(spawnSync('id', [kind, name]).stdout);
const nobody = idOf('-u', 'nobody');
/** The program may lie where nobody but root can look. */
const isReachable = canRun && spawnSync('setpriv', [`--reuid=${nobody}`, '--clear-groups', program, '--help']).status === 0;

let made = 0;
function mail(subject, headers = {}) {
  made += 1;
  const all = { 'Date': 'Fri, 20 Nov 2026 17:30:00 +0100', 'From': `Ada <ada${made}@studio.example>`, 'To': 'edilizia@comune.example', 'Subject': subject, 'Message-ID': `<postfix-${made}@studio.example>`, ...headers };
  return `${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n.Buongiorno, vorrei un appuntamento per la SCIA 77/2026.\r\n`;
}

describe('Postfix hands over', { skip: !isReachable && 'Postfix is started by root only, and the server by somebody else' }, () => {
  let folder;
  let server;
  let postfix;
  let port;
  const group = () => idOf('-g', 'postfix');
  const start = () => Installation.start(join(folder, 'sportello.conf'), server.url, { shell: ['setpriv', `--reuid=${nobody}`, `--regid=${group()}`, '--clear-groups'] });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sportello-postfix-'));
    const config = join(folder, 'sportello.conf');
    const web = await freePort();
    server = { url: `http://127.0.0.1:${web}` };
    writeFileSync(config, `[server]\nlisten = 127.0.0.1:${web}\npublic_url = ${server.url}\n[mail]\nlmtp_socket = lmtp\n`);
    const add = (slug, prefix) => {
      const added = run(['office', 'add', '--config', config, '--organisation', 'comune', '--slug', slug, '--name', slug, '--address', `${slug}@comune.example`, '--prefix', prefix]);
      assert.equal(added.code, 0, added.err);
    };
    add('edilizia', 'EDI');
    add('tributi', 'TRI');
    const certificates = makeCertificates(folder);
    spawnSync('chown', ['-R', `${nobody}:${group()}`, folder]);
    chmodSync(folder, 0o750);
    chmodSync(config, 0o644);
    server = await start();
    port = await freePort();
    postfix = await Postfix.start({
      dovecot: { lmtp: '/nowhere', authSocket: '/nowhere' }, domains: ['comune.example'], ...certificates.good,
      extra: `transport_maps = inline:{ { edilizia@comune.example = lmtp:unix:${folder}/lmtp }, { nessuno@comune.example = lmtp:unix:${folder}/lmtp }, { tributi@comune.example = sportello:tributi }, { anagrafe@comune.example = sportello:anagrafe } }\nmaximal_backoff_time = 4s\n`,
      services: `127.0.0.1:${port} inet n - n - - smtpd\nsportello unix - n n - - pipe\n  flags=R user=nobody null_sender= argv=${program} deliver --config ${config} --office \${nexthop}\n`,
    });
  });
  after(async () => {
    await postfix?.stop();
    await server?.stop?.();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function submit(message, recipients, sender = 'ada@studio.example') {
    const client = new LmtpClient({ host: '127.0.0.1', port });
    assert.equal((await client.reply()).code, 220);
    for (const line of ['EHLO mail.example', `MAIL FROM:<${sender}>`, ...recipients.map((one) => `RCPT TO:<${one}>`)]) assert.equal((await client.ask(line)).code, 250, line);
    assert.equal((await client.ask('DATA')).code, 354);
    client.socket.write(stuffed(message));
    assert.equal((await client.reply()).code, 250);
    client.close();
  }

  const where = (subject) => server.rows(`SELECT o.slug FROM request r JOIN office o ON o.id = r.office_id WHERE r.subject = '${subject}' ORDER BY 1`).flat();
  const arrives = (subject, slugs) => until(() => where(subject).join() === slugs.join(), () => `${subject} at ${slugs}: ${where(subject)}\n${postfix.log().slice(-2000)}\n${server.log.slice(-1000)}`, 40);
  const raw = (subject) => server.rows(`SELECT CAST(p.bytes AS TEXT) FROM message m JOIN message_piece p ON p.message_id = m.id WHERE m.subject = '${subject}' ORDER BY p.position`).flat().join('\n');

  test('by LMTP: a request, with the envelope on top', async () => {
    await submit(mail('Per LMTP'), ['edilizia@comune.example']);
    await arrives('Per LMTP', ['edilizia']);
    assert.match(raw('Per LMTP'), /^Return-Path: <ada@studio\.example>\r?\nDelivered-To: edilizia@comune\.example\r?\nReceived: /);
    assert.match(raw('Per LMTP'), /^\.Buongiorno/m);
    assert.match(postfix.log(), /relay=localhost\[.*lmtp\].*status=sent \(250 2\.0\.0/);
  });

  test('by its pipe: the same', async () => {
    await submit(mail('Per il tubo'), ['tributi@comune.example']);
    await arrives('Per il tubo', ['tributi']);
    assert.match(raw('Per il tubo'), /^Return-Path: <ada@studio\.example>/);
    assert.match(postfix.log(), /relay=sportello,.*status=sent/);
  });

  test('a mail of a machine has no sender by either, and gets no letter', async () => {
    await submit(mail('Di una macchina', { From: 'Robot <robot@ditta.example>' }), ['edilizia@comune.example', 'tributi@comune.example'], '');
    await until(() => server.rows("SELECT count(*) FROM message WHERE subject = 'Di una macchina' AND state = 'read'")[0][0] === '2', () => postfix.log());
    assert.deepEqual(server.rows("SELECT count(*) FROM letter WHERE recipient = 'robot@ditta.example'"), [['0']]);
  });

  test('what is nobody\'s is bounced at once by both', async () => {
    await submit(mail('A nessuno'), ['nessuno@comune.example', 'anagrafe@comune.example']);
    await until(() => (postfix.log().match(/status=bounced/g) ?? []).length === 2, () => postfix.log());
    assert.match(postfix.log(), /550 5\.1\.1/);
    assert.match(postfix.log(), /to=<anagrafe@comune\.example>.*dsn=5\.1\.1|to=<anagrafe@comune\.example>.*status=bounced/);
  });

  test('while the server is away or killed Postfix keeps the mail, and none is there twice', async () => {
    assert.equal(await server.stop(), 0);
    await submit(mail('Mentre è fermo'), ['edilizia@comune.example', 'tributi@comune.example']);
    await until(() => /to=<edilizia@comune\.example>.*status=deferred/.test(postfix.log()), () => postfix.log());
    server = await start();
    await arrives('Mentre è fermo', ['edilizia', 'tributi']);
    for (let i = 0; i < 4; i += 1) {
      await submit(mail(`Colpo ${i}`), ['edilizia@comune.example', 'tributi@comune.example']);
      await server.kill();
      server = await start();
    }
    for (let i = 0; i < 4; i += 1) await arrives(`Colpo ${i}`, ['edilizia', 'tributi']);
    await until(() => !spawnSync('/usr/sbin/postqueue', ['-c', postfix.folder, '-p']).stdout.toString().includes('Colpo'), 'an empty queue');
    assert.deepEqual(server.rows("SELECT count(*) FROM message m JOIN message n ON m.subject = n.subject AND m.office_id = n.office_id AND m.id < n.id WHERE m.request_id <> n.request_id"), [['0']]);
  });
});

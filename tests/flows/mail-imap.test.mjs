// Mailboxes over IMAP: with a real Dovecot from IDLE to request, and with servers that are down, hang, forge or lie.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from './lib/certificates.mjs';
import { Dovecot } from './lib/dovecot.mjs';
import { ImapServer, imapDate } from './lib/imap-server.mjs';
import { mail, Mailboxes, secret } from './lib/mailboxes.mjs';
import { program, run, until } from './lib/server.mjs';

const day = 86400000;
let folder;
let certificates;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  certificates = makeCertificates(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const startDovecot = (users, more) => Dovecot.start({ users: Object.fromEntries(users.map((user) => [user, secret])), ...certificates.good, ...more });
const imaps = (server, more) => ({ url: `imaps://localhost:${server.imapsPort ?? server.port}`, ca_file: certificates.ca, ...more });
const subjectsIn = (dovecot, user, name) => dovecot.messages(user, name).map((message) => message.subject).sort();
/** Flags of the messages that are ours, once all have it. */
const flagged = (dovecot, user, flag, name) => until(() => {
  const all = dovecot.messages(user, name);
  return all.length && all.every((message) => message.flags.includes(flag)) && all;
}, () => `${flag} on ${JSON.stringify(dovecot.messages(user, name))}`);

describe('a provider that works', () => {
  let dovecot;
  let office;
  before(async () => {
    dovecot = await startDovecot(['edilizia', 'tributi', 'pec', 'lettore']);
    office = await Mailboxes.make({
      offices: ['edilizia', 'tributi', 'lettura'],
      mailboxes: {
        edilizia: imaps(dovecot),
        tributi: { office: 'tributi', url: `imap://localhost:${dovecot.imapPort}`, ca_file: certificates.ca, done_folder: 'Città/In "archivio" & oltre' },
        pec: imaps(dovecot, { pec: 'yes', done_folder: 'Archivio' }),
        lettore: imaps(dovecot, { office: 'lettura', folder: 'Posta' }),
      },
    });
    dovecot.admin('mailbox', 'create', '-u', 'lettore', 'Posta');
    await office.start();
    for (const name of ['edilizia', 'tributi', 'pec', 'lettore']) await office.says(new RegExp(`event=mailbox_open mailbox=${name} .*idle=1 move=1 keyword=1`));
  });
  after(async () => {
    await office.end();
    await dovecot.stop();
  });

  test('mail becomes a request of the office the mailbox belongs to, and gets our flag', async () => {
    await dovecot.deliver('edilizia', mail('Per edilizia'));
    await dovecot.deliver('tributi', mail('Per tributi'));
    await office.request('Per edilizia');
    await office.request('Per tributi');
    assert.deepEqual(office.subjects('edilizia'), ['Per edilizia']);
    assert.deepEqual(office.subjects('tributi'), ['Per tributi']);
    const [message] = await flagged(dovecot, 'edilizia', '$SportelloStored');
    assert.deepEqual(message.flags.filter((flag) => flag === '\\Seen'), [], 'it is left unread');
  });

  test('with a done_folder it is moved there, and the folder is made when missing', async () => {
    await until(() => dovecot.messages('tributi').length === 0, 'an empty INBOX');
    assert.deepEqual(subjectsIn(dovecot, 'tributi', 'Città/In "archivio" & oltre'), ['Per tributi']);
  });

  test('nothing of a PEC mailbox is moved', async () => {
    await dovecot.deliver('pec', mail('Per PEC'));
    await office.request('Per PEC');
    await flagged(dovecot, 'pec', '$SportelloStored');
    assert.deepEqual(subjectsIn(dovecot, 'pec'), ['Per PEC']);
    assert.doesNotMatch(dovecot.admin('mailbox', 'list', '-u', 'pec'), /Archivio/);
  });

  test('many that come together are all taken, each once', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `Insieme ${String(i).padStart(2, '0')}`);
    await Promise.all(names.map((name) => dovecot.deliver('edilizia', mail(name))));
    await until(() => office.subjects().filter((name) => /^Insieme/.test(name)).length === 30, 'thirty requests');
    assert.deepEqual(office.subjects().filter((name) => /^Insieme/.test(name)), names);
  });

  test('mail that somebody reads in webmail before us is not missed', async () => {
    await office.stop();
    await dovecot.deliver('edilizia', mail('Letta dal collega'));
    dovecot.admin('flags', 'add', '-u', 'edilizia', '\\Seen', 'mailbox', 'INBOX', 'all');
    await office.start();
    await office.request('Letta dal collega');
  });

  test('a folder that is made anew has new numbers: what is known stays one, what is new is found', async () => {
    const first = mail('Prima del rifacimento');
    await dovecot.append('lettore', first, { folder: 'Posta' });
    await office.request('Prima del rifacimento');
    await flagged(dovecot, 'lettore', '$SportelloStored', 'Posta');
    dovecot.admin('mailbox', 'delete', '-u', 'lettore', 'Posta');
    dovecot.admin('mailbox', 'create', '-u', 'lettore', 'Posta');
    await dovecot.append('lettore', first, { folder: 'Posta' });
    await dovecot.append('lettore', mail('Dopo il rifacimento'), { folder: 'Posta' });
    dovecot.signal('SIGTERM', 'imap'); // whoever idles in the old one is not told
    await office.says(/event=mailbox_numbered_anew mailbox=lettore/, 40);
    await office.request('Dopo il rifacimento');
    await flagged(dovecot, 'lettore', '$SportelloStored', 'Posta');
    assert.deepEqual(office.subjects('lettura'), ['Dopo il rifacimento', 'Prima del rifacimento']);
  });

  test('the server ends at once, whatever it waits for', async () => {
    const from = Date.now();
    assert.equal(await office.stop(), 0);
    assert.ok(Date.now() - from < 3000, `${Date.now() - from} ms`);
    await office.start();
  });

  test('no log line holds an address, a name, a subject or the secret', () => {
    assert.doesNotMatch(office.log, new RegExp(`${secret}|ada@|Ada|Insieme|Per PEC`));
  });
});

describe('the first contact with an old mailbox', () => {
  let dovecot;
  let office;
  before(async () => {
    dovecot = await startDovecot(['edilizia']);
    office = await Mailboxes.make({ mailboxes: { edilizia: imaps(dovecot) } });
  });
  after(async () => {
    await office.end();
    await dovecot.stop();
  });

  test('takes what nobody has read of the last three days, and then all that arrives', async () => {
    const save = (name, days, flags) => dovecot.append('edilizia', mail(name), { received: Date.now() - days * day, flags });
    await save('Ieri, letta', 1, '\\Seen');
    await save('Un mese fa, letta', 30, '\\Seen');
    await save('Ieri, non letta', 1);
    await save('Un mese fa, non letta', 30);
    await save('Sei giorni fa, non letta', 6);
    await save('Quattro giorni fa, non letta', 3.5);
    await office.start();
    await office.request('Ieri, non letta');
    await dovecot.deliver('edilizia', mail('Adesso'));
    await office.request('Adesso');
    await save('Spostata qui da un archivio', 40);
    await dovecot.deliver('edilizia', mail('Dopo'));
    await office.request('Dopo');
    assert.deepEqual(office.subjects(), ['Adesso', 'Dopo', 'Ieri, non letta']);
  });

  test('a restart goes on where it was', async () => {
    const [[next]] = office.rows('SELECT next_uid FROM mailbox');
    assert.equal(next, '10', 'all nine were looked at');
    await office.stop();
    await dovecot.deliver('edilizia', mail('Mentre era fermo'));
    await office.start();
    await office.request('Mentre era fermo');
    assert.equal(office.subjects().length, 4);
  });
});

describe('doctor', () => {
  test('says what each server can, and why one does not let us in', async () => {
    const dovecot = await startDovecot(['edilizia', 'tributi']);
    const office = await Mailboxes.make({ mailboxes: { edilizia: imaps(dovecot), tributi: imaps(dovecot, { secret: 'sbagliato' }) } });
    try {
      const { out } = run(['doctor', '--config', office.config]);
      assert.match(out, /edilizia.*IDLE, MOVE, UIDPLUS, keywords/);
      assert.match(out, /FAIL +\[mailbox tributi\] imaps:.*: Login denied; look at user and secret_file/);
      assert.ok(!out.includes(secret) && !out.includes('sbagliato'));
    } finally {
      await office.end();
      await dovecot.stop();
    }
  });
});

test('an office that is misspelt is told by name, and a doctor that looks whether we are there is no lost delivery', async () => {
  const dovecot = await startDovecot(['edilizia']);
  const office = await Mailboxes.make({ mailboxes: { edilizia: imaps(dovecot, { office: 'ediliza' }), again: imaps(dovecot, { user: 'edilizia' }) } });
  try {
    await office.start();
    await until(() => /event=mailbox_failed mailbox=edilizia error="there is no office ediliza: office add"/.test(office.log), () => office.log);
    const { out } = run(['doctor', '--config', office.config]);
    assert.match(out, /^ok +the server is running$/m);
    assert.match(out, /^FAIL +\[mailbox edilizia\] office = ediliza: there is no such office/m);
    assert.match(out, /^warn +\[mailbox again\] reads the same folder as \[mailbox edilizia\]$/m);
    assert.equal(await office.server.stop(), 0);
    assert.ok(!office.log.includes('deliver_unanswered'), office.log);
  } finally {
    await office.end();
    await dovecot.stop();
  }
});

/** Between us and a server: after `bytes` from it, `act` once, and that connection carries no more. The port is the proxy's. */
async function listenIn(port, bytes, act) {
  let seen = 0;
  let acted = false;
  const sockets = new Set();
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    let carries = true;
    for (const [one, other] of [[client, server], [server, client]]) {
      sockets.add(one);
      one.on('data', (data) => {
        if (one === server) seen += data.length;
        if (carries) other.write(data);
        if (seen <= bytes || acted) return;
        acted = true;
        carries = false;
        act();
      }).on('error', () => {}).on('close', () => { sockets.delete(one); other.destroy(); });
    }
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
  return {
    port: proxy.address().port,
    acted: () => acted,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => proxy.close(done));
    },
  };
}

describe('a provider that fails', () => {
  const large = 'Una riga di testo del progetto, come tante altre.\r\n'.repeat(40000);

  test('Dovecot killed in the middle of a message: it is fetched when Dovecot is back, once', async () => {
    const dovecot = await startDovecot(['edilizia']);
    const proxy = await listenIn(dovecot.imapsPort, 500000, () => dovecot.kill());
    const office = await Mailboxes.make({ mailboxes: { edilizia: { url: `imaps://localhost:${proxy.port}`, ca_file: certificates.ca } } });
    try {
      await office.start();
      await office.says(/event=mailbox_open/);
      await dovecot.deliver('edilizia', mail('A metà', { text: large }));
      await office.says(/event=mail_not_fetched mailbox=edilizia uid=1 tries=1/);
      assert.ok(proxy.acted());
      await dovecot.ended;
      await dovecot.again();
      await dovecot.deliver('edilizia', mail('Dopo la caduta'));
      await office.request('A metà', 40);
      await office.request('Dopo la caduta', 40);
      assert.deepEqual(office.subjects(), ['A metà', 'Dopo la caduta']);
      assert.deepEqual(office.rows('SELECT count(*) FROM message'), [['2']]);
    } finally {
      await office.end();
      await proxy.close();
      await dovecot.stop();
    }
  });

  test('Dovecot frozen in the middle of a message: given up at the time limit, and fetched when it thaws', async () => {
    const dovecot = await startDovecot(['edilizia', 'tributi']);
    const other = await startDovecot(['tributi']);
    const proxy = await listenIn(dovecot.imapsPort, 500000, () => dovecot.signal('SIGSTOP'));
    const office = await Mailboxes.make({
      offices: ['edilizia', 'tributi'],
      mailboxes: {
        edilizia: { url: `imaps://localhost:${proxy.port}`, ca_file: certificates.ca, timeout_s: 2 },
        tributi: imaps(other, { office: 'tributi' }),
      },
    });
    try {
      await office.start();
      await office.says(/event=mailbox_open mailbox=edilizia/);
      await dovecot.deliver('edilizia', mail('Gelata', { text: large }));
      await office.says(/event=mail_not_fetched mailbox=edilizia uid=1 tries=1 error="the server did not answer in time"/);
      await other.deliver('tributi', mail('Intanto altrove'));
      await office.request('Intanto altrove');
      await office.says(/event=mailbox_failed mailbox=edilizia/);
      dovecot.signal('SIGCONT');
      await office.request('Gelata', 40);
      assert.deepEqual(office.subjects(), ['Gelata', 'Intanto altrove']);
    } finally {
      await office.end();
      await proxy.close();
      await dovecot.stop();
      await other.stop();
    }
  });

  test('a login that is refused is said once, is not tried in haste, and holds nobody else', async () => {
    const dovecot = await startDovecot(['edilizia', 'tributi']);
    const office = await Mailboxes.make({ offices: ['edilizia', 'tributi'],
      mailboxes: { edilizia: imaps(dovecot, { secret: 'sbagliato' }), tributi: imaps(dovecot, { office: 'tributi' }) } });
    try {
      await office.start();
      await office.says(/event=mailbox_refused mailbox=edilizia/);
      await dovecot.deliver('tributi', mail('Altra casella'));
      await office.request('Altra casella');
      assert.equal(dovecot.log().match(/auth failed, 1 attempts/g)?.length, 1, 'one try');
      assert.equal(office.log.match(/mailbox=edilizia/g).length, 1);
      assert.ok(!office.log.includes('sbagliato'));
    } finally {
      await office.end();
      await dovecot.stop();
    }
  });

  test('killed between storing and marking, again and again: each message is one request with one receipt', async () => {
    const dovecot = await startDovecot(['edilizia']);
    const office = await Mailboxes.make({ mailboxes: { edilizia: imaps(dovecot, { done_folder: 'Fatto' }) } });
    try {
      const names = Array.from({ length: 8 }, (_, i) => `Uccisa ${i}`);
      await office.start();
      for (const name of names) {
        const from = mail(name, { from: `Ada <ada-${name.at(-1)}@studio.example>` });
        await dovecot.deliver('edilizia', from);
        await office.says(/event=message_stored/);
        await office.server.kill();
        await office.start();
      }
      await until(() => office.subjects().length === names.length, 'all requests');
      await until(() => dovecot.messages('edilizia').length === 0, 'an empty INBOX', 40);
      assert.deepEqual(office.subjects(), names);
      assert.deepEqual([...new Set(subjectsIn(dovecot, 'edilizia', 'Fatto'))], names);
      assert.deepEqual(office.rows("SELECT count(*), count(DISTINCT recipient) FROM letter WHERE kind = 'receipt'"), [['8', '8']]);
    } finally {
      await office.end();
      await dovecot.stop();
    }
  });
});

describe('before a password is sent', () => {
  const forgers = {
    'a certificate nobody signed': { tls: (c) => c.selfSigned },
    'a certificate of an authority we do not trust': { tls: (c) => c.stranger },
    'a certificate of another host': { tls: (c) => c.wrongName },
    'a certificate that has expired': { tls: (c) => c.expired },
    'the same after STARTTLS': { tls: (c) => c.wrongName, implicit: false, capabilities: 'IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN' },
    'STARTTLS taken out of the way': { implicit: false, capabilities: 'IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN' },
    'STARTTLS refused': { implicit: false, capabilities: 'IMAP4rev1 STARTTLS AUTH=PLAIN', on: { STARTTLS(tag, _, c) { c.say(`${tag} NO not now`); return true; } } },
    'a greeting that says we are in': { implicit: false, greeting: '* PREAUTH welcome', capabilities: 'IMAP4rev1 STARTTLS AUTH=PLAIN' },
    'STARTTLS answered with more than it': { tls: (c) => c.good, implicit: false, capabilities: 'IMAP4rev1 STARTTLS AUTH=PLAIN',
      on: { STARTTLS(tag, _, c) { c.write(`${tag} OK begin\r\nS2 OK logged in\r\n`); c.hangUp(); return true; } } },
  };
  const servers = {};
  let office;
  before(async () => {
    for (const [what, { tls, ...script }] of Object.entries(forgers))
      servers[what] = await ImapServer.start({ tls: tls?.(certificates), ...script });
    office = await Mailboxes.make({ mailboxes: Object.fromEntries(Object.values(servers).map((server, i) => [`casella-${i}`,
      { url: `${server.implicit ? 'imaps' : 'imap'}://localhost:${server.port}`, ca_file: certificates.ca }])) });
    await office.start();
  });
  after(async () => {
    await office.end();
    for (const server of Object.values(servers)) await server.stop();
  });

  for (const [index, what] of Object.keys(forgers).entries())
    test(`${what}: no word of ours, and the log says why`, async () => {
      await office.says(new RegExp(`event=mailbox_failed mailbox=casella-${index} `));
      const { seen } = servers[what];
      assert.doesNotMatch(seen, /AUTHENTICATE|LOGIN/);
      assert.ok(!seen.includes(secret) && !seen.includes(Buffer.from(`\0casella-${index}\0${secret}`).toString('base64')));
    });
});

describe('other ways to log in', () => {
  test('XOAUTH2: the token is read again at each connection', async () => {
    const tokens = [];
    const server = await ImapServer.start({
      tls: certificates.good,
      capabilities: 'IMAP4rev1 IDLE SASL-IR AUTH=PLAIN AUTH=XOAUTH2',
      on: {
        AUTHENTICATE(tag, rest, c) {
          const [mechanism, word] = rest.split(' ');
          tokens.push(`${mechanism} ${Buffer.from(word, 'base64').toString().replaceAll('\x01', '|')}`);
          if (word.includes(Buffer.from('scaduto').toString('base64').slice(0, 4)) || /scaduto/.test(Buffer.from(word, 'base64'))) c.say(`${tag} NO expired`);
          else c.say(`${tag} OK in`);
          return true;
        },
        IDLE(tag, _, c) { c.say('+ idling'); if (tokens.length === 1) setTimeout(() => c.hangUp(), 50); return true; },
      },
    });
    const office = await Mailboxes.make({ mailboxes: { edilizia: imaps(server, { auth: 'xoauth2', user: 'edilizia@comune.example', secret: 'gettone-uno' }) } });
    try {
      await office.start();
      await until(() => tokens.length === 1, 'a login');
      writeFileSync(office.secretFile('edilizia'), 'gettone-due\n');
      await until(() => tokens.length === 2, 'a second login');
      assert.deepEqual(tokens, ['XOAUTH2 user=edilizia@comune.example|auth=Bearer gettone-uno||',
        'XOAUTH2 user=edilizia@comune.example|auth=Bearer gettone-due||']);
    } finally {
      await office.end();
      await server.stop();
    }
  });

  test('a server that knows LOGIN alone', async () => {
    const server = await ImapServer.start({ tls: certificates.good, capabilities: 'IMAP4rev1 IDLE' });
    const office = await Mailboxes.make({ mailboxes: { edilizia: imaps(server) } });
    try {
      await office.start();
      await office.says(/event=mailbox_open mailbox=edilizia/);
      assert.match(server.seen, new RegExp(`LOGIN "?edilizia"? "?${secret}"?\r\n`));
    } finally {
      await office.end();
      await server.stop();
    }
  });
});

describe('servers that can little, or lie', () => {
  const one = (subject, more) => [{ uid: 7, text: mail(subject), ...more }];
  const big = (subject, bytes) => mail(subject, { text: 'Testo lungo del messaggio, riga per riga.\r\n'.repeat(Math.ceil(bytes / 43)) });
  let lies = 0;
  const scripts = {
    'copia': { capabilities: 'IMAP4rev1 UIDPLUS AUTH=PLAIN', messages: one('Copiata') },
    'nulla': { capabilities: 'IMAP4rev1 AUTH=PLAIN', messages: one('Senza MOVE e senza UIDPLUS') },
    'letta': { capabilities: 'IMAP4rev1 AUTH=PLAIN', permanentFlags: '\\Seen \\Answered', messages: one('Senza parole chiave') },
    'citata': { messages: one('Tra virgolette'), on: {
      'UID FETCH': function fetch(tag, rest, c) {
        if (!/BODY/.test(rest)) return false;
        c.say('* 1 FETCH (UID 7 BODY[] "From: a@studio.example', `${tag} OK`); // no quoted string goes over a line
        return true;
      } } },
    'grande': { messages: [{ uid: 7, text: big('Troppo grande', 300000) }] },
    'cresciuta': { messages: [{ uid: 7, size: 1000, text: big('Cresciuta', 300000) }] },
    'assurda': { messages: one('Dopo un numero assurdo'), on: {
      'UID FETCH': function fetch(tag, rest, c) {
        if (!/BODY/.test(rest) || (lies += 1) > 1) return false;
        c.write('* 1 FETCH (UID 7 BODY[] {99999999999999999999}\r\n');
        return true;
      } } },
    'infinita': { on: {
      SELECT: function select(tag, _, c) {
        const line = Buffer.alloc(65536, 'x');
        const pour = () => { if (!c.socket.destroyed) c.socket.write(line, () => setImmediate(pour)); };
        c.write('* OK ');
        pour();
        return true;
      } } },
    'numeri': { messages: one('Tra mille numeri'), on: {
      'UID SEARCH': function search(tag, _, c) {
        c.write('* SEARCH');
        for (let i = 0; i < 40; i += 1) c.write(Array.from({ length: 5000 }, (__, k) => ` ${1000 + i * 5000 + k}`).join(''));
        c.say(' 7', `${tag} OK done`);
        return true;
      } } },
    'altrui': { messages: one('Di un altro'), on: {
      'UID FETCH': function fetch(tag, rest, c) {
        if (!/BODY/.test(rest)) return false;
        c.say('* 1 FETCH (UID 8 BODY[] {5}', 'ciao!)', `${tag} OK`);
        return true;
      } } },
    'guasta': { messages: [{ uid: 7, text: 'x' }, { uid: 8, text: mail('Dopo la guasta') }], on: {
      'UID FETCH': function fetch(tag, rest, c) {
        if (!/^7 .*BODY/.test(rest)) return false;
        c.say(`${tag} NO [SERVERBUG] cannot read it`);
        return true;
      } } },
    'veleno': { messages: [{ uid: 7, text: 'x' }, { uid: 8, text: mail('Dopo il veleno') }], on: {
      'UID FETCH': function fetch(tag, rest, c) {
        if (!/^7 .*BODY/.test(rest)) return false;
        c.hangUp();
        return true;
      } } },
  };
  const servers = {};
  let office;
  before(async () => {
    for (const [name, script] of Object.entries(scripts)) servers[name] = await ImapServer.start({ tls: certificates.good, ...script });
    office = await Mailboxes.make({
      mailboxes: Object.fromEntries(Object.entries(servers).map(([name, server]) => [name,
        imaps(server, { timeout_s: 5, ...(/copia|nulla/.test(name) ? { done_folder: 'Fatto' } : {}) })])),
      more: '[mail]\nmax_message = 100000\n',
    });
    await office.start();
  });
  after(async () => {
    await office.end();
    for (const server of Object.values(servers)) await server.stop();
  });
  const told = (name, wanted) => until(() => servers[name].commands.some((line) => wanted.test(line)), () => `${wanted} in ${servers[name].commands}`);

  test('UIDPLUS without MOVE: copied, and that very message expunged', async () => {
    await office.request('Copiata');
    await told('copia', /^UID EXPUNGE/);
    assert.deepEqual(servers.copia.commands.filter((line) => /COPY|STORE|EXPUNGE/.test(line)),
      ['UID COPY 7 "Fatto"', 'UID STORE 7 +FLAGS.SILENT (\\Deleted)', 'UID EXPUNGE 7']);
  });

  test('neither: flagged, and nothing is expunged that others might have deleted', async () => {
    await office.request('Senza MOVE e senza UIDPLUS');
    await told('nulla', /^UID STORE 7 \+FLAGS\.SILENT \(\$SportelloStored\)$/);
    assert.deepEqual(servers.nulla.commands.filter((line) => /COPY|EXPUNGE|Deleted/.test(line)), []);
  });

  test('no keywords: marked as seen', async () => {
    await office.request('Senza parole chiave');
    await told('letta', /^UID STORE 7 \+FLAGS\.SILENT \(\\Seen\)$/);
  });

  test('a message beyond the limit is a request with headers and first text', async () => {
    await office.request('Troppo grande');
    const [[size, truncated, kept]] = office.rows("SELECT size, truncated, (SELECT sum(length(bytes)) FROM message_piece p WHERE p.message_id = m.id) FROM message m WHERE subject = 'Troppo grande'");
    assert.deepEqual([size, truncated], [String(servers.grande.messages[0].text.length), '1']);
    assert.ok(Number(kept) <= 100000, kept);
    await told('grande', /^UID FETCH 7 \(UID BODY\.PEEK\[\]<0\.100000>\)$/);
    assert.ok(!servers.grande.commands.some((line) => line.endsWith('BODY.PEEK[])')), 'the whole was never asked for');
  });

  test('a message that is larger than the server said is cut where it must be', async () => {
    await office.request('Cresciuta', 40);
    assert.deepEqual(office.rows("SELECT truncated FROM message WHERE subject = 'Cresciuta'"), [['1']]);
  });

  test('a size beyond all numbers ends the connection, not the message', async () => {
    await office.says(/event=mail_not_fetched mailbox=assurda uid=7 tries=1 error="a body is larger/);
    await office.request('Dopo un numero assurdo', 40);
  });

  test('a line without end, a body nobody can use, another message: said, and nothing is stored', async () => {
    await office.says(/event=mailbox_failed mailbox=infinita error="a line is too long"/);
    await office.says(/event=mail_not_fetched mailbox=altrui uid=7/);
    await office.says(/event=mail_not_fetched mailbox=citata uid=7/);
    assert.ok(!office.subjects().some((name) => /Di un altro|virgolette/.test(name)));
  });

  test('numbers of no message do no harm', async () => {
    await office.request('Tra mille numeri');
  });

  test('a message that cannot be had holds no other back, whether the server says so or hangs up', async () => {
    await office.request('Dopo la guasta');
    await office.request('Dopo il veleno', 60);
    assert.match(office.log, /event=mail_not_fetched mailbox=veleno uid=7 tries=3/);
  });

  test('nothing of all this has cost memory', () => {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${office.server.process.pid}/status`, 'utf8'));
    assert.ok(Number(kilobytes) < 400000, `${kilobytes} kB`);
  });
});

describe('in a hurry', () => {
  const reader = process.env.SPORTELLO_MAILBOXES ?? join(dirname(program), 'tests/read-mailboxes');
  /** The mailboxes alone, with seconds for minutes; `act` gets what it says, { out, log }. */
  async function read(server, act, more) {
    const office = await Mailboxes.make({ mailboxes: { edilizia: imaps(server, more) } });
    const said = { out: '', log: '' };
    const child = spawn(reader, [office.config]);
    child.stdout.on('data', (text) => { said.out += text; });
    child.stderr.on('data', (text) => { said.log += text; });
    const ended = new Promise((done) => { child.once('close', done); });
    try {
      await act(said);
      child.stdin.end();
      assert.equal(await ended, 0, said.log);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await office.end();
      await server.stop();
    }
  }
  const count = (server, line) => server.commands.filter((one) => one === line).length;

  test('IDLE is renewed, and the mailbox searched again in case news were lost', async () => {
    const server = await ImapServer.start({ tls: certificates.good });
    await read(server, async (said) => {
      await until(() => count(server, 'IDLE') === 2, 'a second IDLE');
      server.messages.push({ uid: 5, text: mail('Senza avviso') });
      await until(() => said.out === 'stored\n', () => `the mail nobody announced: ${said.log}`);
      assert.equal(server.connections, 1);
      assert.equal(count(server, 'DONE'), 0, 'DONE is no command');
      assert.match(server.seen, /IDLE\r\nDONE\r\n/);
    });
  });

  test('a server without IDLE is asked again and again', async () => {
    const server = await ImapServer.start({ tls: certificates.good, capabilities: 'IMAP4rev1 AUTH=PLAIN' });
    await read(server, async (said) => {
      await until(() => count(server, 'NOOP') >= 2, 'NOOPs');
      server.messages.push({ uid: 5, text: mail('Trovata') });
      await until(() => said.out === 'stored\n', 'the mail');
      assert.equal(count(server, 'IDLE'), 0);
    });
  });

  test('a server that says IDLE and does not do it is asked instead', async () => {
    const server = await ImapServer.start({ tls: certificates.good, on: { IDLE(tag, _, c) { c.say(`${tag} BAD what?`); return true; } } });
    await read(server, async () => {
      await until(() => count(server, 'NOOP') >= 2, 'NOOPs');
      assert.equal(count(server, 'IDLE'), 1);
    });
  });

  test('pauses between tries grow, with jitter, up to the most; after a success they begin anew', async () => {
    const times = [];
    let good = false;
    const server = await ImapServer.start({ tls: certificates.good, on: {
      SELECT(tag, _, c) { times.push(performance.now()); if (good) return false; c.hangUp(); return true; },
      IDLE(tag, _, c) { c.say('+ idling', '* BYE enough'); good = false; return true; },
    } });
    await read(server, async (said) => {
      await until(() => times.length === 7, 'seven tries', 40);
      const pauses = times.slice(1).map((at, i) => at - times[i]);
      [50, 100, 200, 400, 800, 800].forEach((least, i) => assert.ok(pauses[i] >= least, `pause ${i}: ${pauses[i]} ms`));
      assert.ok(pauses[0] < 800 && pauses[5] < 4000, pauses.join(' '));
      assert.equal(said.log.match(/event=mailbox_failed/g).length, 1, 'the same trouble is told once');
      good = true;
      await until(() => /event=mailbox_closed/.test(said.log), 'the end of a good connection');
      const before = times.length;
      await until(() => times.length >= before + 2, 'more tries');
      assert.ok(times[before + 1] - times[before] < 800, `${times[before + 1] - times[before]} ms`);
    });
  });

  test('flags that others change meanwhile are of no message that was asked about', async () => {
    const old = Array.from({ length: 50 }, (_, i) => ({ uid: i + 1, text: mail(`Vecchia ${i}`), received: imapDate(Date.now() - 400 * day), flags: '\\Seen' }));
    const server = await ImapServer.start({
      tls: certificates.good,
      messages: [...old, { uid: 90, text: mail('Nuova') }],
      on: {
        'UID SEARCH': function search(tag, rest, c) {
          c.say(`* SEARCH${/UID (9[1-9]|\d{3})/.test(rest) ? '' : ' 90'}`, `${tag} OK done`);
          return true;
        },
        'UID FETCH': function fetch(tag, rest, c) {
          if (!/BODY/.test(rest)) c.say(...old.map(({ uid }) => `* ${uid} FETCH (UID ${uid} FLAGS (\\Seen \\Flagged))`), '* 51 FETCH (UID 90 FLAGS (\\Flagged))');
          return false;
        },
      },
    });
    await read(server, async (said) => {
      await until(() => count(server, 'IDLE') >= 1, 'the end of the search');
      assert.equal(said.out, 'stored\n');
      assert.deepEqual(server.commands.filter((line) => /BODY/.test(line)), ['UID FETCH 90 (UID BODY.PEEK[])']);
    });
  });

  test('a server that never pauses does not keep us from ending', async () => {
    const chatter = Buffer.from('* OK still here\r\n'.repeat(4000));
    const server = await ImapServer.start({ tls: certificates.good, on: { IDLE(tag, _, c) {
      const pour = () => { if (!c.socket.destroyed) c.socket.write(chatter, () => setImmediate(pour)); };
      c.say('+ idling');
      pour();
      return true;
    } } });
    let from;
    await read(server, async () => {
      await until(() => count(server, 'IDLE') === 1, 'an IDLE');
      await new Promise((done) => { setTimeout(done, 300); }); // the flood is under way
      from = performance.now();
    });
    assert.ok(performance.now() - from < 5000, `${performance.now() - from} ms`);
  });

  test('a message that could not be had is tried again later, and the place in the mailbox waits for it', async () => {
    let sick = true;
    const server = await ImapServer.start({
      tls: certificates.good,
      messages: [{ uid: 7, text: mail('Guarita') }, { uid: 8, text: mail('Sana') }],
      on: { 'UID FETCH': function fetch(tag, rest, c) {
        if (!sick || !/^7 .*BODY/.test(rest)) return false;
        c.say(`${tag} NO [SERVERBUG] later`);
        return true;
      } },
    });
    await read(server, async (said) => {
      await until(() => /uid=7 tries=4/.test(said.log), () => `four tries: ${said.log}`);
      assert.equal(said.out, 'stored\n');
      sick = false;
      await until(() => said.out === 'stored\nstored\n', 'both');
      assert.equal(server.commands.filter((line) => /^UID FETCH 8 .*BODY/.test(line)).length, 1, 'the other was fetched once');
      await until(() => server.commands.some((line) => line.startsWith('UID SEARCH UID 9:')), 'a search beyond both');
    });
  });
});

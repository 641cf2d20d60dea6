// Debian's Dovecot on ports of its own, from a folder of its own: nothing in /etc is read or written. IMAP with
// STARTTLS, IMAP over TLS, LMTP on a unix socket, and on another the answers that Postfix asks for AUTH.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { imapDate } from './imap-server.mjs';
import { freePort, until } from './server.mjs';

const isRoot = process.getuid() === 0;
/** Who owns the mail: Dovecot serves no mail of root. */
const owner = isRoot ? 'nobody' : userInfo().username;
const ownerId = isRoot ? Number(spawnSync('id', ['-u', owner]).stdout) : process.getuid();
const ownerGroup = isRoot ? Number(spawnSync('id', ['-g', owner]).stdout) : process.getgid();

/* Whoever is not root cannot change to other users or into a chroot. */
const withoutRoot = isRoot ? '' : `
default_internal_user = ${owner}
default_login_user = ${owner}
service anvil {
  chroot =
}
service imap-login {
  chroot =
}
`;

function settings({ folder, imapPort, imapsPort, certificate, key, mechanisms, extra }) {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certificate}
ssl_key = <${key}
disable_plaintext_auth = yes
auth_failure_delay = 0
auth_mechanisms = ${mechanisms}
first_valid_uid = 1
mail_location = maildir:${folder}/mail/%u
mail_uid = ${owner}
mail_gid = ${ownerGroup}
auth_username_format = %Lu
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${folder}/users
}
userdb {
  driver = static
  args = uid=${ownerId} gid=${ownerGroup} home=${folder}/mail/%u
}
default_vsz_limit = 0
service stats {
  client_limit = 1000
}
service auth {
  unix_listener ${folder}/auth {
    mode = 0666
  }
}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = ${imapsPort}
    ssl = yes
  }
}
service lmtp {
  unix_listener ${folder}/lmtp {
    mode = 0666
  }
}
namespace inbox {
  inbox = yes
  separator = /
}
protocol lmtp {
  postmaster_address = postmaster@comune.esempio.example
}
${withoutRoot}${extra}`;
}

/** One conversation of lines over a socket. */
class Lines {
  constructor(socket) {
    this.socket = socket;
    this.text = '';
    this.failed = null;
    socket.on('data', (bytes) => { this.text += bytes.toString('latin1'); this.wake?.(); });
    socket.on('error', (error) => { this.failed = error; this.wake?.(); });
    socket.on('close', () => { this.failed ??= new Error('closed'); this.wake?.(); });
  }

  /** The next line `wanted` matches; what stands before it is dropped. */
  async line(wanted) {
    for (;;) {
      const end = this.text.indexOf('\n');
      if (end >= 0) {
        const line = this.text.slice(0, end).replace(/\r$/, '');
        this.text = this.text.slice(end + 1);
        if (wanted.test(line)) return line;
        continue;
      }
      if (this.failed) throw this.failed;
      await new Promise((done) => { this.wake = done; });
    }
  }

  async say(text, wanted) {
    this.socket.write(text);
    return this.line(wanted);
  }
}

export class Dovecot {
  /**
   * users: { name: password }; certificate, key: PEM files; mechanisms: of AUTH; folder and ports of an earlier one to
   * start it again; extra: more of dovecot.conf.
   */
  static async start({ users, certificate, key, mechanisms = 'plain login', folder, imapPort, imapsPort, extra = '' }) {
    const dovecot = new Dovecot();
    dovecot.users = users;
    dovecot.folder = folder ?? mkdtempSync(join(tmpdir(), 'dovecot-'));
    dovecot.imapPort = imapPort ?? await freePort();
    dovecot.imapsPort = imapsPort ?? await freePort();
    dovecot.lmtp = join(dovecot.folder, 'lmtp');
    dovecot.authSocket = join(dovecot.folder, 'auth');
    dovecot.certificate = certificate;
    dovecot.key = key;
    dovecot.mechanisms = mechanisms;
    dovecot.extra = extra;
    chmodSync(dovecot.folder, 0o755);
    const mail = join(dovecot.folder, 'mail');
    if (!existsSync(mail)) mkdirSync(mail);
    chownSync(mail, ownerId, ownerGroup);
    dovecot.configuration = join(dovecot.folder, 'dovecot.conf');
    await dovecot.again();
    return dovecot;
  }

  /** Writes the configuration and starts; also after stop({ keep: true }) or kill(). */
  async again(changes = {}) {
    Object.assign(this, changes);
    writeFileSync(join(this.folder, 'users'), Object.entries(this.users).map(([name, secret]) => `${name}:{PLAIN}${secret}::::::\n`).join(''), { mode: 0o644 });
    writeFileSync(this.configuration, settings(this));
    this.said = '';
    this.process = spawn('/usr/sbin/dovecot', ['-F', '-c', this.configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr.on('data', (text) => { this.said += text; });
    let over = null;
    this.ended = new Promise((done) => { this.process.once('close', (code, signal) => { over = { code, signal }; done(over); }); });
    await until(async () => {
      if (over) throw new Error(`dovecot ended (${over.code ?? over.signal}): ${this.said}${this.log()}`);
      return await greets(this.imapPort) && existsSync(this.lmtp);
    }, 'dovecot to answer');
  }

  log() { return existsSync(join(this.folder, 'log')) ? readFileSync(join(this.folder, 'log'), 'latin1') : ''; }

  /** The master and all it started. */
  processes() {
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => {
      try {
        const [, command, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${name}/stat`, 'latin1'));
        return { pid: Number(name), command, parent: Number(rest.split(' ')[1]) };
      } catch {
        return null; // it has just ended
      }
    }).filter(Boolean);
    return all.filter(({ pid, parent }) => pid === this.process.pid || parent === this.process.pid);
  }

  /** Signals all of them, or those named `command` ("imap", "imap-login"). */
  signal(name, command) {
    for (const one of this.processes()) {
      if (command && one.command !== command) continue;
      try {
        process.kill(one.pid, name);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }

  /** As a power cut would: master and children at once. */
  async kill() {
    const children = this.processes();
    this.signal('SIGKILL');
    await this.ended;
    for (const { pid } of children) await until(() => !existsSync(`/proc/${pid}`), 'dovecot to be gone');
  }

  async stop({ keep = false } = {}) {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.signal('SIGCONT');
      const children = this.processes();
      this.process.kill('SIGTERM');
      await this.ended;
      for (const { pid } of children) await until(() => !existsSync(`/proc/${pid}`), 'dovecot to be gone');
    }
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  /** Hands a message to a user over LMTP, as an MTA does; done when Dovecot has taken it. */
  async deliver(user, message, { from = 'prova@studio.example' } = {}) {
    const socket = createConnection(this.lmtp);
    const lines = new Lines(socket);
    try {
      await lines.line(/^220 /);
      await lines.say('LHLO mx.example\r\n', /^250 /);
      await lines.say(`MAIL FROM:<${from}>\r\n`, /^250 /);
      await lines.say(`RCPT TO:<${user}>\r\n`, /^250 /);
      await lines.say('DATA\r\n', /^354 /);
      socket.write(Buffer.from(Buffer.from(message).toString('latin1').replace(/^\./gm, '..'), 'latin1'));
      await lines.say('\r\n.\r\n', /^250 /);
      socket.write('QUIT\r\n');
    } finally {
      socket.end();
    }
  }

  /** doveadm on this Dovecot: what it prints. */
  admin(...words) {
    const result = spawnSync('doveadm', ['-c', this.configuration, ...words], { encoding: 'utf8', timeout: 30000 });
    if (result.status !== 0) throw new Error(`doveadm ${words.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  /** Puts a message into a folder without delivering it: flags "\\Seen"; received: its INTERNALDATE in ms. */
  async append(user, message, { folder = 'INBOX', flags = '', received } = {}) {
    const socket = connectSecure({ port: this.imapsPort, host: '127.0.0.1', rejectUnauthorized: false });
    const lines = new Lines(socket);
    const bytes = Buffer.from(message);
    try {
      await lines.line(/^\* OK/);
      await lines.say(`a LOGIN "${user}" "${this.users[user]}"\r\n`, /^a OK/);
      await lines.say(`b APPEND "${folder}" (${flags})${received ? ` "${imapDate(received)}"` : ''} {${bytes.length}}\r\n`, /^\+/);
      socket.write(bytes);
      await lines.say('\r\n', /^b OK/);
      await lines.say('c LOGOUT\r\n', /^c OK/);
    } finally {
      socket.destroy();
    }
  }

  /** Messages of a folder: [{ uid, flags, subject }]. */
  messages(user, folder = 'INBOX') {
    return this.admin('-f', 'tab', 'fetch', '-u', user, 'uid flags hdr.subject', 'mailbox', folder, 'all')
      .split('\n').slice(1).filter(Boolean).map((line) => {
        const [uid, flags, subject] = line.split('\t');
        return { uid: Number(uid), flags: flags.split(' ').filter(Boolean), subject };
      });
  }
}

function greets(port) {
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('error', () => done(false));
    socket.once('data', (bytes) => { socket.destroy(); done(bytes.toString().startsWith('* OK')); });
    socket.setTimeout(1000, () => { socket.destroy(); done(false); });
  });
}

// Debian's Postfix on ports of its own, from a folder of its own: nothing in /etc is read or written. A submission
// port with STARTTLS and AUTH (Dovecot answers who may), another with TLS from the first byte, mail by LMTP to Dovecot.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from './server.mjs';

/** Postfix changes to its own user and back: only root can start it. */
export const canRun = process.getuid() === 0 && existsSync('/usr/sbin/postfix');

const idOf = (kind, name) => Number(spawnSync('id', [kind, name]).stdout);

function main({ folder, dovecot, domains, certificate, key, extra }) {
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks = 127.0.0.1/32
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = ${domains.join(', ')}
virtual_transport = lmtp:unix:${dovecot.lmtp}
recipient_delimiter = +
message_size_limit = 52428800
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_tls_cert_file = ${certificate}
smtpd_tls_key_file = ${key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${dovecot.authSocket}
smtpd_relay_restrictions = permit_mynetworks, reject
minimal_backoff_time = 2s
queue_run_delay = 2s
${extra}`;
}

function master({ port, tlsPort, services }) {
  const login = '-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject';
  return `
127.0.0.1:${port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt ${login}
127.0.0.1:${tlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes ${login}
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
${services}`;
}

export class Postfix {
  /** dovecot: who answers AUTH and takes the mail; domains: whose mail it takes; certificate, key: PEM files; extra: more of main.cf; services: of master.cf. */
  static async start({ dovecot, domains, certificate, key, extra = '', services = '' }) {
    const postfix = new Postfix();
    postfix.folder = mkdtempSync(join(tmpdir(), 'postfix-'));
    postfix.port = await freePort();
    postfix.tlsPort = await freePort();
    Object.assign(postfix, { dovecot, domains, certificate, key, extra, services });
    chmodSync(postfix.folder, 0o755);
    mkdirSync(join(postfix.folder, 'queue'));
    mkdirSync(join(postfix.folder, 'data'));
    chownSync(join(postfix.folder, 'data'), idOf('-u', 'postfix'), idOf('-g', 'postfix'));
    await postfix.again();
    return postfix;
  }

  /** Writes the configuration and starts; also after stop({ keep: true }). */
  async again(changes = {}) {
    Object.assign(this, changes);
    writeFileSync(join(this.folder, 'main.cf'), main(this));
    writeFileSync(join(this.folder, 'master.cf'), master(this));
    this.command('start');
    process.once('exit', this.last = () => this.command('stop')); // the daemon is no child of ours
    await until(() => greets(this.port), () => `postfix to answer: ${this.log()}`);
  }

  /** A change of main.cf takes effect at once. */
  async reload(extra) {
    this.extra = extra;
    writeFileSync(join(this.folder, 'main.cf'), main(this));
    this.command('reload');
  }

  command(...words) {
    const result = spawnSync('/usr/sbin/postfix', ['-c', this.folder, ...words], { encoding: 'utf8', timeout: 60000 });
    if (result.status !== 0) throw new Error(`postfix ${words.join(' ')}: ${result.stderr}${this.log()}`);
  }

  log() {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  async stop({ keep = false } = {}) {
    process.off('exit', this.last);
    this.command('stop');
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

function greets(port) {
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('error', () => done(false));
    socket.once('data', (bytes) => { socket.destroy(); done(bytes.toString().startsWith('220')); });
    socket.setTimeout(1000, () => { socket.destroy(); done(false); });
  });
}

// An installation with offices and mailboxes in a folder of its own, and what became of the mail in them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Installation, run, until } from './server.mjs';

export const secret = 'segreto-di-prova';

/** A plain message of somebody to an office. */
export function mail(subject, { from = 'Ada Prova <ada@studio.example>', text = 'Buongiorno, vorrei un appuntamento per la SCIA 77/2026.', id = subject.replace(/\W+/g, '-') } = {}) {
  return `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nFrom: ${from}\r\nTo: edilizia@comune.example\r\nSubject: ${subject}\r\n`
    + `Message-ID: <${id}@studio.example>\r\n\r\n${text}\r\n`;
}

export class Mailboxes {
  /** mailboxes: { name: { office, url, user, ... } } as in sportello.conf; secrets of their own are named by `secret`. */
  static async make({ mailboxes, offices = ['edilizia'], more = '' }) {
    const made = new Mailboxes();
    made.folder = mkdtempSync(join(tmpdir(), 'sportello-imap-'));
    made.config = join(made.folder, 'sportello.conf');
    const port = await freePort();
    made.url = `http://127.0.0.1:${port}`;
    const sections = Object.entries(mailboxes).map(([name, { secret: own = secret, ...keys }]) => {
      const file = join(made.folder, `${name}.secret`);
      writeFileSync(file, `${own}\n`, { mode: 0o600 });
      const all = { office: offices[0], user: name, secret_file: file, ...keys };
      return `[mailbox ${name}]\n${Object.entries(all).map(([key, value]) => `${key} = ${value}\n`).join('')}`;
    });
    writeFileSync(made.config, `[server]\nlisten = 127.0.0.1:${port}\npublic_url = ${made.url}\n${more}\n${sections.join('\n')}`);
    for (const slug of offices) {
      const added = run(['office', 'add', '--config', made.config, '--organisation', 'esempio', '--organisation-name', 'Comune di Esempio',
        '--slug', slug, '--name', slug, '--address', `${slug}@comune.example`, '--prefix', slug.slice(0, 3).toUpperCase(),
        '--service', 'Videochiamata', '--hours', 'tue 9:00-12:30']);
      if (added.code !== 0) throw new Error(added.err);
    }
    return made;
  }

  async start() {
    this.server = await Installation.start(this.config, this.url);
    return this;
  }

  async stop() { return this.server.stop(); }
  async end() {
    if (this.server && this.server.process.exitCode === null && this.server.process.signalCode === null) await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  secretFile(name) { return join(this.folder, `${name}.secret`); }
  get log() { return this.server.log; }
  rows(sql) { return this.server.rows(sql); }

  /** Subjects of all requests, in order of the alphabet; of one office with `slug`. */
  subjects(slug) {
    return this.rows(`SELECT r.subject FROM request r JOIN office o ON o.id = r.office_id ${slug ? `WHERE o.slug = '${slug}'` : ''} ORDER BY r.subject`)
      .map(([subject]) => subject);
  }

  async request(subject, seconds = 20) {
    await until(() => this.subjects().includes(subject), () => `a request "${subject}"; there are ${JSON.stringify(this.subjects())}\n${this.log}`, seconds);
  }

  /** A line of the log that matches. */
  async says(pattern, seconds = 20) {
    await until(() => pattern.test(this.log), () => `${pattern} in ${this.log}`, seconds);
  }
}

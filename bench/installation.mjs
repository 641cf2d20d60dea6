// An installation of the program in a folder of its own, with what a measurement needs: offices through the command
// line, people who log in, rows in great number by SQL.
import { setCookies } from '../tests/flows/lib/client.mjs';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort, must, stop } from './tools.mjs';

const PASSWORD = 'una-parola-lunga';

export class Installation {
  static async make(build) {
    const installation = new Installation();
    const port = await freePort();
    installation.program = join(build, 'sportello');
    installation.folder = mkdtempSync(join(tmpdir(), 'sportello-bench-'));
    installation.config = join(installation.folder, 'sportello.conf');
    installation.database = join(installation.folder, 'sportello.db');
    installation.url = `http://127.0.0.1:${port}`;
    writeFileSync(installation.config, `[server]\nlisten = 127.0.0.1:${port}\npublic_url = ${installation.url}\n`
      + 'trusted_proxies = 127.0.0.1\n[log]\nlevel = warning\n');
    return installation;
  }

  /* The zone is UTC, so that times of a page are instants without a calendar here. */
  office(number, hours, more = []) {
    must(this.program, ['office', 'add', '--config', this.config, '--organisation', 'banco', '--zone', 'UTC',
      '--slug', `ufficio-${number}`, '--name', `Ufficio ${number}`, '--address', `ufficio${number}@comune.example`,
      '--prefix', 'EDI', '--phone', '045 555 0100', '--service', 'Videochiamata', '--hours', hours, ...more]);
  }

  /* All may work in every office. */
  officers(count) {
    for (let i = 0; i < count; i++)
      must(this.program, ['user', 'add', '--config', this.config, '--email', `operatore${i}@comune.example`, '--name',
        `Operatore ${i}`, '--office', 'ufficio-1'], `${PASSWORD}\n`);
    this.sql("INSERT OR IGNORE INTO officer_office (officer_id, office_id, role) SELECT p.id, o.id, 'officer' FROM officer p, office o");
  }

  sql(text) { return must('sqlite3', [this.database], text); }

  spawn() {
    this.process = spawn(this.program, ['serve', '--config', this.config], { stdio: ['ignore', 'ignore', 'inherit'] });
    return this.process;
  }

  async serve() { await answers(`${this.url}/healthz`, this.spawn()); }

  /* The instants that can be booked, as the page of free times says them. */
  async freeTimes() {
    const answer = await fetch(`${this.url}/prenota?servizio=1`, { headers: { Accept: 'application/json' } });
    const { days } = await answer.json();
    return days.flatMap(({ date, times = [] }) => times.map((time) => Date.parse(`${date}T${time}:00Z`) / 1000));
  }

  /* One who logs in from a network of his own: { cookie, csrf }. */
  async login(number) {
    const cookies = new Map();
    const ask = async (path, options = {}) => {
      const answer = await fetch(this.url + path, {
        redirect: 'manual',
        ...options,
        headers: { Cookie: [...cookies].map((c) => c.join('=')).join('; '), 'X-Forwarded-For': `10.0.${number}.1` },
      });
      for (const cookie of setCookies(answer.headers)) {
        const [name, value] = cookie.split(';')[0].split('=');
        cookies.set(name, value);
      }
      return answer.text().then((text) => ({ status: answer.status, text }));
    };
    const csrfOf = (html) => /name="csrf" value="([^"]+)"/.exec(html)[1];
    const csrf = csrfOf((await ask('/accedi')).text);
    const body = new URLSearchParams({ email: `operatore${number}@comune.example`, password: PASSWORD, csrf });
    const answer = await ask('/accedi', { method: 'POST', body });
    if (answer.status !== 303) throw new Error(`login: ${answer.status}`);
    const desk = await ask('/scrivania/nuova');
    return { cookie: [...cookies].map((c) => c.join('=')).join('; '), csrf: csrfOf(desk.text) };
  }

  async end() {
    if (this.process?.exitCode === null) await stop(this.process);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Measures the program against a ceiling in the same run and prints both: node bench/run.mjs BUILD [availability|bookings|start].
//
//   availability  the page of free times through worker and database, over the same library sending a page of the same
//                 size from its own loop
//   bookings      durable bookings by 32 officer sessions through HTTP, over the same transactions straight into SQLite
//   start         existing database to first page; memory after a thousand pages
// Rounds alternate; medians are printed. Load comes from wrk on the same machine.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const build = resolve(process.argv[2] ?? 'build-bench');
const only = process.argv[3];
const here = resolve(new URL('.', import.meta.url).pathname);
const program = join(build, 'src/sportello');
const ROUNDS = 3;
const SECONDS = 5;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const round = (value, digits = 2) => Number(value.toFixed(digits));

function must(command, options, input) {
  const result = spawnSync(command, options, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${command} ${options.slice(0, 2).join(' ')}: ${result.stderr || result.error}`);
  return result.stdout;
}

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

async function answers(url, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${url}: the server ended with ${child.exitCode}`);
    const ok = await fetch(url).then(async (answer) => (await answer.text(), answer.status === 200), () => false);
    if (ok) return;
    await pause(2);
  }
}

async function stop(child) {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

function wrk(url, script, connections, environment = {}) {
  const out = spawnSync('wrk', ['-t1', `-c${connections}`, `-d${SECONDS}s`, '-s', join(here, script), url],
    { encoding: 'utf8', env: { ...process.env, ...environment } });
  const line = out.stdout.split('\n').find((l) => l.startsWith('{'));
  if (!line) throw new Error(`wrk: ${out.stdout}${out.stderr}`);
  const result = JSON.parse(line);
  return { ...result, rate: result.requests / (result.duration_us / 1e6) };
}

/* --- an installation with what a benchmark needs --------------------------------------------------------- */

class Installation {
  constructor(port) {
    this.folder = mkdtempSync(join(tmpdir(), 'sportello-bench-'));
    this.config = join(this.folder, 'sportello.conf');
    this.database = join(this.folder, 'sportello.db');
    this.url = `http://127.0.0.1:${port}`;
    writeFileSync(this.config, `[server]\nlisten = 127.0.0.1:${port}\npublic_url = ${this.url}\n[log]\nlevel = warning\n`);
  }

  office(number, hours, more = []) {
    must(program, ['office', 'add', '--config', this.config, '--organisation', 'banco', '--slug', `ufficio-${number}`,
      '--name', `Ufficio ${number}`, '--address', `ufficio${number}@comune.example`, '--prefix', 'EDI',
      '--phone', '045 555 0100', '--service', 'Videochiamata', '--hours', hours, ...more]);
  }

  sql(text) { return must('sqlite3', [this.database], text); }

  async serve() {
    this.process = spawn(program, ['serve', '--config', this.config], { stdio: ['ignore', 'ignore', 'inherit'] });
    await answers(`${this.url}/healthz`, this.process);
  }

  stop() { return stop(this.process); }
  remove() { rmSync(this.folder, { recursive: true, force: true }); }
}

/* --- availability ---------------------------------------------------------------------------------------- */

/* 360 appointments on the working days of the next four weeks, as rows; the office receives all day. */
function fillAgenda(installation) {
  installation.sql(`
    INSERT INTO person (id, organisation_id, name, email) SELECT 1, organisation_id, 'Prova', 'prova@studio.example' FROM office LIMIT 1;
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 359)
    INSERT INTO request (id, organisation_id, office_id, person_id, code, state, source, received_at, updated_at, promised_at)
      SELECT 1000 + i, o.organisation_id, o.id, 1, 'EDI-' || printf('%04d', i) || '-QQ', 'booked', 'mail', 0, 0, 0 FROM n, office o;
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 359)
    INSERT INTO appointment (id, organisation_id, office_id, request_id, counter_id, starts_at, ends_at, buffer_ends_at,
                             wall_date, wall_minute, zone, state, uid, created_at)
      SELECT 5000 + i, o.organisation_id, o.id, 1000 + i, (SELECT min(id) FROM counter WHERE office_id = o.id),
        d.at, d.at + 1200, d.at + 1200, date(d.at, 'unixepoch'), 0, 'Europe/Rome', 'booked', 'u' || i, 0
      FROM n, office o, LATERAL_DAYS d WHERE d.i = n.i;`
    .replace('LATERAL_DAYS d WHERE d.i = n.i', `(WITH RECURSIVE m (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 359)
        SELECT i, (CAST(strftime('%s', 'now') AS INTEGER) / 86400 + 2 + i / 14) * 86400 + 32400 + (i % 14) * 2400 AS at FROM m) d
      WHERE d.i = n.i`));
}

async function availability() {
  const installation = new Installation(await freePort());
  const ceilingPort = await freePort();
  const ceiling = spawn(join(build, 'bench/http-ceiling'), [String(ceilingPort)], { stdio: 'ignore' });
  try {
    installation.office(1, 'mon 8:00-18:00, tue 8:00-18:00, wed 8:00-18:00, thu 8:00-18:00, fri 8:00-18:00');
    fillAgenda(installation);
    await installation.serve();
    await answers(`http://127.0.0.1:${ceilingPort}/`, ceiling);
    const page = `${installation.url}/prenota?servizio=1`;
    const html = await (await fetch(page)).text();
    const ours = [];
    const theirs = [];
    for (let i = 0; i < ROUNDS; i++) {
      ours.push(wrk(page, 'pages.lua', 64));
      theirs.push(wrk(`http://127.0.0.1:${ceilingPort}/`, 'pages.lua', 64));
    }
    const refused = ours.reduce((sum, r) => sum + r.refused + r.lost, 0);
    const [a, b] = [median(ours.map((r) => r.rate)), median(theirs.map((r) => r.rate))];
    console.log(`availability  ${round(a, 0)}/s of ${html.length} bytes; ceiling ${round(b, 0)}/s of `
      + `${round(theirs[0].bytes / theirs[0].requests, 0)} bytes; ratio ${round(a / b)} (bar 0.4); `
      + `p99 ${round(median(ours.map((r) => r.p99_us)) / 1000)} ms; refused ${refused}`);
  } finally {
    if (installation.process) await installation.stop();
    await stop(ceiling);
    installation.remove();
  }
}

/* --- bookings -------------------------------------------------------------------------------------------- */

const OFFICES = 60;
const REQUESTS = 60000; // more than a round can book

/* An open request for each booking, spread over offices of one counter that receive night and day. */
function fillRequests(installation) {
  installation.sql(`
    INSERT INTO person (id, organisation_id, name, email) SELECT 1, organisation_id, 'Prova', 'prova@studio.example' FROM office LIMIT 1;
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${REQUESTS - 1})
    INSERT INTO request (id, organisation_id, office_id, person_id, code, state, source, subject, practice, received_at, updated_at, promised_at)
      SELECT 100000 + i, o.organisation_id, o.id, 1, 'EDI-' || substr(b.a, i / 32768 % 32 + 1, 1) || substr(b.a, i / 1024 % 32 + 1, 1)
        || substr(b.a, i / 32 % 32 + 1, 1) || substr(b.a, i % 32 + 1, 1) || '-QQ', 'new', 'mail', 'Videochiamata per il sottotetto',
        'SCIA 214/2026', strftime('%s', 'now'), 0, 0
      FROM n JOIN (SELECT '0123456789ABCDEFGHJKMNPQRSTVWXYZ' AS a) b JOIN office o ON o.id = i % ${OFFICES} + 1;`);
  return installation.sql('SELECT code FROM request ORDER BY id').trim().split('\n');
}

async function login(installation, number) {
  const cookies = new Map();
  const ask = async (path, options = {}) => {
    const answer = await fetch(installation.url + path, {
      redirect: 'manual', ...options,
      headers: { Cookie: [...cookies].map((c) => c.join('=')).join('; ') },
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split('=');
      cookies.set(name, value);
    }
    return answer.text().then((text) => ({ status: answer.status, text }));
  };
  const csrfOf = (html) => /name="csrf" value="([^"]+)"/.exec(html)[1];
  const csrf = csrfOf((await ask('/accedi')).text);
  const body = new URLSearchParams({ email: `operatore${number}@comune.example`, password: 'una-parola-lunga', csrf });
  const answer = await ask('/accedi', { method: 'POST', body });
  if (answer.status !== 303) throw new Error(`login: ${answer.status}`);
  return { cookie: [...cookies].map((c) => c.join('=')).join('; '), csrf: csrfOf((await ask('/scrivania/nuova')).text) };
}

function addOfficers(installation) {
  for (let i = 0; i < 32; i++)
    must(program, ['user', 'add', '--config', installation.config, '--email', `operatore${i}@comune.example`, '--name',
      `Operatore ${i}`, '--office', 'ufficio-1'], 'una-parola-lunga\n');
  installation.sql(`INSERT OR IGNORE INTO officer_office (officer_id, office_id, role) SELECT p.id, o.id, 'officer' FROM officer p, office o`);
}

async function bookingsRound() {
  const installation = new Installation(await freePort());
  try {
    const always = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => `${day} 0:00-24:00`).join(', ');
    for (let i = 1; i <= OFFICES; i++) installation.office(i, always);
    addOfficers(installation);
    const codes = fillRequests(installation);
    await installation.serve();
    const sessions = [];
    for (let i = 0; i < 32; i++) sessions.push(await login(installation, i));
    const first = (Math.floor(Date.now() / 86400000) + 2) * 86400;
    const holiday = new Set(['12-08', '12-25', '12-26', '01-01', '01-06', '11-01', '04-25', '05-01', '06-02', '08-15', '10-04']);
    const starts = [];
    for (let at = first; starts.length < REQUESTS / OFFICES + 72; at += 1200) {
      const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Rome' }).format(at * 1000).slice(5);
      if (!holiday.has(day)) starts.push(at);
    }
    const lines = codes.map((code, i) => {
      const { cookie, csrf } = sessions[i % 32];
      const body = new URLSearchParams({ csrf, inizio: starts[Math.floor(i / OFFICES)], versione: 1 });
      return `/scrivania/r/${code}/conferma\t${cookie}\t${body}`;
    });
    const file = join(installation.folder, 'requests.txt');
    writeFileSync(file, lines.join('\n') + '\n');
    const result = wrk(installation.url, 'bookings.lua', 32, { BENCH_REQUESTS: file });
    const [booked, letters] = installation.sql('SELECT (SELECT count(*) FROM appointment), (SELECT count(*) FROM letter)')
      .trim().split('|').map(Number);
    return { ...result, booked, letters, rate: booked / (result.duration_us / 1e6) };
  } finally {
    if (installation.process) await installation.stop();
    installation.remove();
  }
}

async function bookings() {
  const ours = [];
  const theirs = [];
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await bookingsRound());
    const folder = mkdtempSync(join(tmpdir(), 'sportello-bench-'));
    theirs.push(Number(must(join(build, 'bench/bookings-direct'), [join(folder, 'direct.db'), '30000']).match(/[\d.]+/)[0]));
    rmSync(folder, { recursive: true, force: true });
  }
  const [a, b] = [median(ours.map((r) => r.rate)), median(theirs)];
  const p50 = median(ours.map((r) => r.p50_us));
  const p99 = median(ours.map((r) => r.p99_us));
  console.log(`bookings      ${round(a, 0)}/s through HTTP by 32 sessions; straight into SQLite ${round(b, 0)}/s; ratio ${round(a / b)} (bar 0.5); `
    + `p50 ${round(p50 / 1000)} ms, p99 ${round(p99 / 1000)} ms, ${round(p99 / p50, 1)} times (bar 10); `
    + `refused ${ours.map((r) => r.refused)}, booked ${ours.map((r) => r.booked)}, letters ${ours.map((r) => r.letters)}`);
}

/* --- start and memory ------------------------------------------------------------------------------------ */

const kilobytes = (file, key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))[1]);

function family(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      return [[Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1])]];
    } catch { return []; }
  });
  const found = [pid];
  for (let i = 0; i < found.length; i++) found.push(...all.filter(([, parent]) => parent === found[i]).map(([child]) => child));
  return found;
}

async function start() {
  const installation = new Installation(await freePort());
  try {
    installation.office(1, 'tue 9:00-12:30 15:00-17:30, thu 9:00-12:30');
    addOfficers(installation);
    const times = [];
    for (let i = 0; i < 5; i++) {
      const began = performance.now();
      installation.process = spawn(program, ['serve', '--config', installation.config], { stdio: ['ignore', 'ignore', 'inherit'] });
      await answers(`${installation.url}/prenota?servizio=1`, installation.process);
      times.push(performance.now() - began);
      await installation.stop();
    }
    await installation.serve();
    for (let i = 0; i < 8; i++) await login(installation, i);
    for (let i = 0; i < 1000; i++) await (await fetch(`${installation.url}${['/', '/ufficio/ufficio-1', '/prenota?servizio=1', '/accedi'][i % 4]}`)).text();
    await pause(1000);
    const rss = kilobytes(`/proc/${installation.process.pid}/status`, 'VmRSS') / 1024;
    const own = family(installation.process.pid).map((pid) => {
      const file = `/proc/${pid}/smaps_rollup`;
      return (kilobytes(file, 'Private_Clean') + kilobytes(file, 'Private_Dirty')) / 1024;
    });
    console.log(`start         existing database to first page ${round(median(times), 0)} ms (bar 50); after 1,000 pages and 8 logins RSS ${round(rss, 1)} MiB `
      + `(bar 24), private memory ${own.map((mib) => round(mib, 1)).join(' + ')} = ${round(own.reduce((a, b) => a + b), 1)} MiB (bar 28)`);
  } finally {
    if (installation.process?.exitCode === null) await installation.stop();
    installation.remove();
  }
}

console.log(`machine       ${cpus().length} x ${cpus()[0].model}`);
for (const [name, measure] of Object.entries({ availability, bookings, start }))
  if (!only || only === name) await measure();

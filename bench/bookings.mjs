// Durable bookings through HTTP by 32 officers with sessions and CSRF, over the same transactions straight into SQLite,
// 32 a commit, on the same disk. Rounds alternate. That both write the same rows is counted, not believed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Installation } from './installation.mjs';
import { cpuOf, holds, median, must, round, wrk } from './tools.mjs';

const OFFICERS = 32;
const OFFICES = 60;
const REQUESTS = 60000; /* more than a round can book */
const DIRECT = 30000;
const ROUNDS = 3;
const SECONDS = 5;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/* An open request for each booking, spread over offices of one counter that receive night and day. */
function fillRequests(installation) {
  const character = (divisor) => `substr('${ALPHABET}', i / ${divisor} % 32 + 1, 1)`;
  const code = `'EDI-' || ${[32768, 1024, 32, 1].map(character).join(' || ')} || '-QQ'`;
  installation.sql(`
    INSERT INTO person (id, organisation_id, name, email)
      SELECT 1, organisation_id, 'Mario Rossi', 'mario.rossi@studio.example' FROM office LIMIT 1;
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${REQUESTS - 1})
    INSERT INTO request (id, organisation_id, office_id, person_id, code, state, source, subject, practice,
                         received_at, updated_at, promised_at)
      SELECT 100000 + i, o.organisation_id, o.id, 1, ${code}, 'new', 'mail', 'Videochiamata per il sottotetto',
        'SCIA 214/2026', strftime('%s', 'now'), 0, 0
      FROM n JOIN office o ON o.id = i % ${OFFICES} + 1;`);
  return installation.sql('SELECT code FROM request ORDER BY id').trim().split('\n');
}

/* Rows and bytes of a booking, the same question for both databases. */
function rowsOfABooking(database) {
  const counts = ['participant', 'letter', 'letter_content', 'audit', 'cell']
    .map((table) => `(SELECT count(*) FROM ${table}) * 1.0 / booked`);
  const [booked, ...rows] = must('sqlite3', [database], `SELECT booked, ${counts}, 
      (SELECT avg(length(bytes)) FROM letter_content), (SELECT avg(length(text)) FROM letter_content),
      (SELECT avg(length(action || ifnull(from_state, '') || ifnull(to_state, '') || ifnull(detail, ''))) FROM audit),
      (SELECT count(*) FROM request WHERE state = 'booked' AND decided_at > 0) * 1.0 / booked
    FROM (SELECT count(*) AS booked FROM appointment)`).trim().split('|').map(Number);
  const names = ['participants', 'letters', 'contents', 'audits', 'cells', 'letterBytes', 'textBytes', 'auditBytes', 'requests'];
  return { booked, ...Object.fromEntries(names.map((name, i) => [name, rows[i]])) };
}

async function through(build) {
  const installation = await Installation.make(build);
  try {
    const always = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => `${day} 0:00-24:00`).join(', ');
    for (let i = 1; i <= OFFICES; i++) installation.office(i, always, ['--horizon', '60']);
    installation.officers(OFFICERS);
    const codes = fillRequests(installation);
    await installation.serve();
    const starts = await installation.freeTimes();
    holds(starts.length * OFFICES >= REQUESTS, `${starts.length} times in an office`);
    const sessions = [];
    for (let i = 0; i < OFFICERS; i++) sessions.push(await installation.login(i));
    const file = join(installation.folder, 'requests.txt');
    writeFileSync(file, codes.map((code, i) => {
      const { cookie, csrf } = sessions[i % OFFICERS];
      const body = new URLSearchParams({ csrf, inizio: starts[Math.floor(i / OFFICES)], versione: 1 });
      return `/scrivania/r/${code}/conferma\t${cookie}\t${body}\n`;
    }).join(''));
    const before = cpuOf(installation.process.pid);
    const result = wrk(installation.url, 'bookings.lua', OFFICERS, SECONDS, { BENCH_REQUESTS: file });
    const cpu = cpuOf(installation.process.pid) - before;
    const rows = rowsOfABooking(installation.database);
    holds(result.lost === 0 && result.others === 0, `${result.lost} lost, ${result.others} answers that are not 303`);
    holds(result.sent <= REQUESTS, `${result.sent} sent, ${REQUESTS} requests`);
    holds(rows.booked >= result.requests && rows.booked <= result.sent, `${rows.booked} booked, ${result.requests} answered`);
    return { ...result, rows, cpu_us: cpu / rows.booked };
  } finally {
    await installation.end();
  }
}

function direct(build) {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-bench-'));
  try {
    const database = join(folder, 'direct.db');
    const rate = Number(must(join(build, 'bench/bookings-direct'), [database, String(DIRECT)]).match(/[\d.]+/)[0]);
    return { rate, rows: rowsOfABooking(database) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sameRows(ours, theirs) {
  for (const name of Object.keys(ours).filter((key) => key !== 'booked')) {
    const most = name.endsWith('Bytes') ? 0.1 : 0;
    holds(Math.abs(ours[name] - theirs[name]) <= most * theirs[name],
      `${name} of a booking: ${ours[name]} through HTTP, ${theirs[name]} direct`);
  }
}

export async function bookings(build) {
  const ours = [];
  const theirs = [];
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await through(build));
    theirs.push(direct(build));
    sameRows(ours[i].rows, theirs[i].rows);
  }
  const [a, b] = [ours, theirs].map((all) => median(all.map((r) => r.rate)));
  const [p50, p99] = ['p50_us', 'p99_us'].map((key) => median(ours.map((r) => r[key])));
  console.log(`bookings      ${round(a, 0)}/s through HTTP by ${OFFICERS} sessions; straight into SQLite ${round(b, 0)}/s; `
    + `ratio ${round(a / b)} (bar 0.5), rounds ${ours.map((r, i) => round(r.rate / theirs[i].rate)).join(' ')}; `
    + `processor ${round(median(ours.map((r) => r.cpu_us)), 0)} us a booking; `
    + `p50 ${round(p50 / 1000)} ms, p99 ${round(p99 / 1000)} ms, ${round(p99 / p50, 1)} times (bar 10); `
    + `all ${ours.map((r) => r.requests).join(' + ')} answered 303 and booked`);
}

// The page of free times through worker, database and template, over the same library that sends a page of 20 KB made
// in its own loop. 360 appointments lie in the window; rounds alternate.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Installation } from './installation.mjs';
import { answers, cpuOf, freePort, holds, median, round, stop, wrk } from './tools.mjs';

const APPOINTMENTS = 360;
const PAGE_BYTES = 20 * 1024;
const CONNECTIONS = 64;
const ROUNDS = 5;
const SECONDS = 3;

/* Takes free times evenly from the first to the last. */
async function takeTimes(installation) {
  const before = await installation.freeTimes();
  const taken = Array.from({ length: APPOINTMENTS }, (_, i) => before[Math.floor(i * before.length / APPOINTMENTS)]);
  installation.sql(`BEGIN;
    INSERT INTO person (id, organisation_id, name, email) SELECT 1, organisation_id, 'Prova', 'prova@studio.example' FROM office LIMIT 1;
    ${taken.map((at, i) => `
    INSERT INTO request (id, organisation_id, office_id, person_id, code, state, source, received_at, updated_at, promised_at)
      SELECT ${1000 + i}, organisation_id, id, 1, 'EDI-${i}', 'booked', 'mail', 0, 0, 0 FROM office LIMIT 1;
    INSERT INTO appointment (id, organisation_id, office_id, request_id, number, counter_id, starts_at, ends_at, buffer_ends_at,
                             wall_date, wall_minute, zone, state, uid, created_at)
      SELECT ${5000 + i}, o.organisation_id, o.id, ${1000 + i}, 1, c.id, ${at}, ${at + 1200}, ${at + 1200},
        date(${at}, 'unixepoch'), 0, 'UTC', 'booked', 'u${i}', 0 FROM office o JOIN counter c ON c.office_id = o.id LIMIT 1;`).join('')}
    COMMIT;`);
  const after = await installation.freeTimes();
  holds(before.length - after.length === APPOINTMENTS, `${before.length - after.length} appointments in the window`);
}

/* wrk and the processor time an answer cost the process. */
function load(url, pid) {
  const before = cpuOf(pid);
  const result = wrk(url, 'pages.lua', CONNECTIONS, SECONDS);
  holds(result.refused + result.lost === 0, `${result.refused} refused, ${result.lost} lost at ${url}`);
  return { ...result, cpu_us: (cpuOf(pid) - before) / result.requests };
}

export async function availability(build) {
  const installation = await Installation.make(build);
  const ceilingUrl = `http://127.0.0.1:${await freePort()}/`;
  const ceiling = spawn(join(build, 'bench/http-ceiling'), [new URL(ceilingUrl).port], { stdio: 'ignore' });
  try {
    installation.office(1, ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => `${day} 7:00-17:00`).join(', '), ['--horizon', '31']);
    await installation.serve();
    await answers(ceilingUrl, ceiling);
    await takeTimes(installation);
    const page = `${installation.url}/prenota?servizio=1`;
    const { length } = Buffer.from(await (await fetch(page)).arrayBuffer());
    holds(length >= PAGE_BYTES, `the page has ${length} bytes`);
    const ours = [];
    const theirs = [];
    for (let i = 0; i < ROUNDS; i++) {
      ours.push(load(page, installation.process.pid));
      theirs.push(load(ceilingUrl, ceiling.pid));
    }
    const [a, b] = [ours, theirs].map((all) => median(all.map((r) => r.rate)));
    const [cpuA, cpuB] = [ours, theirs].map((all) => median(all.map((r) => r.cpu_us)));
    const ratios = ours.map((r, i) => r.rate / theirs[i].rate);
    console.log(`availability  ${round(a, 0)}/s of ${length} bytes; ceiling ${round(b, 0)}/s of `
      + `${round(theirs[0].bytes / theirs[0].requests, 0)} bytes with headers; ratio ${round(median(ratios))} (bar 0.4), `
      + `rounds ${ratios.map((r) => round(r)).join(' ')}; processor ${round(cpuA, 0)} us a page, ceiling ${round(cpuB, 0)} us; `
      + `p99 ${round(median(ours.map((r) => r.p99_us)) / 1000)} ms`);
  } finally {
    await stop(ceiling);
    await installation.end();
  }
}

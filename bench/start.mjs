// Existing database to first page, and the memory after a thousand pages.
import { Installation } from './installation.mjs';
import { answers, cpuOf, family, holds, median, pause, privateOf, residentOf, round, stop } from './tools.mjs';

const STARTS = 9;
const PAGES = 1000;
const LOGINS = 8;

async function startOnce(installation) {
  const began = performance.now();
  const server = installation.spawn();
  await answers(`${installation.url}/prenota?servizio=1`, server);
  const ms = performance.now() - began;
  const cpu = cpuOf(server.pid) / 1000;
  await stop(server);
  return { ms, cpu };
}

/* By people who log in and by strangers, four at a time. */
async function lookAround(installation) {
  const sessions = [];
  for (let i = 0; i < LOGINS; i++) sessions.push(await installation.login(i));
  const paths = ['/', '/ufficio/ufficio-1', '/prenota?servizio=1', '/scrivania', '/privacy', '/accedi'];
  for (let i = 0; i < PAGES; i += 4)
    await Promise.all([0, 1, 2, 3].map(async (j) => {
      const path = paths[(i + j) % paths.length];
      const headers = path === '/scrivania' ? { Cookie: sessions[i % LOGINS].cookie } : {};
      const answer = await fetch(installation.url + path, { headers, redirect: 'manual' });
      await answer.text();
      holds(answer.status === 200, `${path} was answered ${answer.status}`);
    }));
}

export async function start(build) {
  const installation = await Installation.make(build);
  try {
    installation.office(1, 'tue 9:00-12:30 15:00-17:30, thu 9:00-12:30');
    installation.officers(LOGINS);
    const starts = [];
    for (let i = 0; i < STARTS; i++) starts.push(await startOnce(installation));
    await installation.serve();
    await lookAround(installation);
    await pause(1000);
    const resident = residentOf(installation.process.pid);
    const own = family(installation.process.pid).map(privateOf);
    console.log(`start         existing database to first page ${round(median(starts.map((s) => s.ms)), 0)} ms (bar 50), `
      + `best ${round(Math.min(...starts.map((s) => s.ms)), 0)} ms, processor ${round(median(starts.map((s) => s.cpu)), 0)} ms; `
      + `after ${LOGINS} logins and ${PAGES} pages RSS ${round(resident, 1)} MiB (bar 24), private memory `
      + `${own.map((mib) => round(mib, 1)).join(' + ')} = ${round(own.reduce((a, b) => a + b), 1)} MiB (bar 28)`);
  } finally {
    await installation.end();
  }
}

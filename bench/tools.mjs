// What the measurements share: running programs, waiting for a server, wrk, medians. Nothing here measures.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { get } from 'node:http';
import { join, resolve } from 'node:path';

const here = resolve(new URL('.', import.meta.url).pathname);

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const round = (value, digits = 2) => Number(value.toFixed(digits));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/* A measurement of something else than it says is worse than none. */
export function holds(condition, what) {
  if (!condition) throw new Error(`not measured: ${what}`);
}

export function must(command, options, input) {
  const result = spawnSync(command, options, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${command} ${options.slice(0, 2).join(' ')}: ${result.stderr || result.error}`);
  return result.stdout;
}

export function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const statusOf = (url) => new Promise((done) => {
  get(url, { agent: false }, (answer) => answer.resume().on('end', () => done(answer.statusCode))).on('error', () => done(0));
});

/* Asks again and again until `url` is answered with 200. */
export async function answers(url, child) {
  while (await statusOf(url) !== 200) {
    if (child.exitCode !== null) throw new Error(`${url}: the server ended with ${child.exitCode}`);
    await pause(1);
  }
}

export async function stop(child) {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

/* One run of wrk: what its script prints as JSON, and the answers a second. */
export function wrk(url, script, connections, seconds, environment = {}) {
  const out = spawnSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(here, script), url],
    { encoding: 'utf8', env: { ...process.env, ...environment } });
  const line = out.stdout.split('\n').find((l) => l.startsWith('{'));
  if (!line) throw new Error(`wrk: ${out.stdout}${out.stderr}`);
  const result = JSON.parse(line);
  return { ...result, rate: result.requests / (result.duration_us / 1e6) };
}

/* --- processes ------------------------------------------------------------------------------------------ */

/* Processor time of all threads so far, in microseconds. */
export function cpuOf(pid) {
  return readdirSync(`/proc/${pid}/task`)
    .reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0) / 1000;
}

const kilobytes = (file, key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))[1]);

export const residentOf = (pid) => kilobytes(`/proc/${pid}/status`, 'VmRSS') / 1024;

export function privateOf(pid) {
  const file = `/proc/${pid}/smaps_rollup`;
  return (kilobytes(file, 'Private_Clean') + kilobytes(file, 'Private_Dirty')) / 1024;
}

function parentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
  } catch {
    return 0; /* it has just ended */
  }
}

/* `pid` and all below it. */
export function family(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => [Number(name), parentOf(name)]);
  const found = [pid];
  for (let i = 0; i < found.length; i++) found.push(...all.filter(([, parent]) => parent === found[i]).map(([child]) => child));
  return found;
}

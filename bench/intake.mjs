// Durable intake of a Maildir - request, raw message, receipt - against one plain loop that does the same reading and
// stores nothing. Both are pinned to the same processors, one after the other, as often as ROUNDS says.
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, watch, writeFileSync, appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Installation } from './installation.mjs';
import { makeMails } from './intake-mails.mjs';
import { answers, cpuOf, family, holds, median, pause, privateOf, residentOf, round } from './tools.mjs';

const MESSAGES = Number(process.env.INTAKE_MESSAGES ?? 10000);
const ALONE = Math.min(1000, MESSAGES); /* that come one at a time */
const ROUNDS = Number(process.env.INTAKE_ROUNDS ?? 3);
const HOURS = 'tue 9:00-12:30 15:00-17:30, thu 9:00-12:30';

/* The same for server and loop: a list of processors as taskset has it, or none. */
const pinned = (processors, command) => ['taskset', '-c', processors, ...command];

function plainLoop(build, folder, processors) {
  const [program, ...options] = pinned(processors, [join(build, 'bench', 'intake-plain'), folder]);
  const result = spawnSync(program, options, { encoding: 'utf8' });
  holds(result.status === 0, `intake-plain: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

class Office {
  static async open(build, processors) {
    const office = new Office();
    office.installation = await Installation.make(build);
    const incoming = join(office.installation.folder, 'incoming');
    for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(incoming, part), { recursive: true });
    appendFileSync(office.installation.config, `[mail]\nincoming = ${incoming}\nincoming_office = ufficio-1\n`
      + `[smtp muto]\nurl = smtp://127.0.0.1:${await office.listen()}\ntls = none\n`);
    office.installation.office(1, HOURS);
    office.fresh = join(incoming, 'new');
    office.seen = join(incoming, 'cur');
    office.staged = join(incoming, 'tmp');
    office.processors = processors;
    return office;
  }

  async serve() {
    this.installation.program = this.wrapper ??= this.wrap();
    await this.installation.serve();
    this.pids = family(this.installation.process.pid);
  }

  /* A mail server that says nothing: receipts wait in the store, none is sent while the intake is measured. */
  async listen() {
    this.silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise((done) => this.silent.listen(0, '127.0.0.1', done));
    return this.silent.address().port;
  }

  /* Installation.spawn starts one program with its options. */
  wrap() {
    const file = join(this.installation.folder, 'pinned');
    writeFileSync(file, `#!/bin/sh\nexec taskset -c ${this.processors} ${this.installation.program} "$@"\n`, { mode: 0o755 });
    return file;
  }

  /* Of server, zygote and the children that were waited for. */
  cpu() { return this.pids.reduce((sum, pid) => sum + cpuOf(pid), 0) / 1e6 + childrenOf(this.pids[1]); }

  counts() {
    const [messages, unread, requests, letters, people] = this.installation.sql('SELECT COUNT(*) FROM message; SELECT COUNT(*) FROM message '
      + "WHERE state <> 'read'; SELECT COUNT(*) FROM request; SELECT COUNT(*) FROM letter; SELECT COUNT(*) FROM person;").trim().split('\n').map(Number);
    return { messages, unread, requests, letters, people };
  }

  async end() {
    await this.installation.end();
    this.silent.close();
  }
}

/* Processor time of the children a process has waited for, in seconds. */
function childrenOf(pid) {
  const fields = spawnSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' }).stdout.split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/* All at once: until the last file has left new/. */
async function backlog(build, mails, processors) {
  const office = await Office.open(build, processors);
  try {
    await office.serve();
    for (const name of readdirSync(mails)) linkSync(join(mails, name), join(office.staged, name));
    const before = office.cpu();
    const began = performance.now();
    for (const name of readdirSync(office.staged)) renameSync(join(office.staged, name), join(office.fresh, name));
    const memory = [];
    while (readdirSync(office.fresh).length > 0) {
      memory.push(residentOf(office.pids[0]));
      await pause(25);
      holds(office.installation.process.exitCode === null, 'the server ended');
    }
    const seconds = (performance.now() - began) / 1000;
    const cpu = office.cpu() - before;
    const own = office.pids.map(privateOf).reduce((a, b) => a + b);
    const counts = office.counts();
    holds(counts.messages === MESSAGES && counts.unread === 0, `${counts.messages} messages, ${counts.unread} unread`);
    holds(counts.letters > 0 && counts.letters <= counts.requests, 'receipts');
    return { seconds, cpu, memory, own, counts };
  } finally {
    await office.end();
  }
}

/* The next one comes when the last has been filed. */
async function alone(build, mails, processors) {
  const office = await Office.open(build, processors);
  try {
    await office.serve();
    const names = readdirSync(mails).slice(0, ALONE);
    for (const name of names) linkSync(join(mails, name), join(office.staged, name));
    let arrived = () => {};
    const watcher = watch(office.seen, () => arrived());
    const before = office.cpu();
    const began = performance.now();
    for (const name of names) {
      const seen = new Promise((done) => { arrived = done; });
      renameSync(join(office.staged, name), join(office.fresh, name));
      await seen;
    }
    const seconds = (performance.now() - began) / 1000;
    const cpu = office.cpu() - before;
    watcher.close();
    holds(office.counts().messages === ALONE, 'all were filed');
    return { rate: ALONE / seconds, cpu: cpu / ALONE };
  } finally {
    await office.end();
  }
}

async function compare(build, mails, processors, bar) {
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) {
    const plain = plainLoop(build, mails, processors);
    const durable = await backlog(build, mails, processors);
    rounds.push({ plain, durable, ratio: plain.seconds / durable.seconds, work: plain.cpu / durable.cpu });
  }
  const middle = median(rounds.map((r) => r.ratio));
  const { plain, durable } = rounds.find((r) => r.ratio === middle);
  const half = durable.memory.slice(Math.floor(durable.memory.length / 2));
  console.log(`intake        processors ${processors}: plain loop ${round(MESSAGES / plain.seconds, 0)} a second, durable `
    + `${round(MESSAGES / durable.seconds, 0)} a second, ratio ${rounds.map((r) => round(r.ratio)).join(' ')} (bar ${bar}), `
    + `by processor time ${rounds.map((r) => round(r.work)).join(' ')}; server RSS ${round(durable.memory[0], 1)} MiB at first, `
    + `${round(Math.min(...half), 1)} to ${round(Math.max(...half), 1)} in the second half, private memory of all ${round(durable.own, 1)} MiB; `
    + `${durable.counts.requests} requests, ${durable.counts.letters} receipts, ${durable.counts.people} people`);
  return { rate: MESSAGES / plain.seconds, cpu: plain.cpu / MESSAGES };
}

export async function intake(build) {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-bench-mails-'));
  try {
    const mails = makeMails(folder, MESSAGES, 1);
    console.log(`intake        ${mails.count} messages, ${round(mails.bytes / mails.count / 1000, 1)} KB on average: ${JSON.stringify(mails.kinds)}`);
    const plain = await compare(build, folder, '0', 0.35);
    await compare(build, folder, '0,1', 0.5);
    const some = [];
    for (let i = 0; i < ROUNDS; i++) some.push(await alone(build, folder, '0'));
    console.log(`intake        one at a time, a fresh child each: ${some.map((one) => round(one.rate, 0)).join(' ')} a second, ratio to the plain loop `
      + `${some.map((one) => round(one.rate / plain.rate)).join(' ')} (bar 0.1), by processor time ${some.map((one) => round(plain.cpu / one.cpu)).join(' ')}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

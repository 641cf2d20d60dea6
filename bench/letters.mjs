// Letters of 4 and 20 KB from the outbox to Debian's smtp-sink, each marked durably, over libcurl alone that sends the
// same bytes to the same server over one connection. Rounds alternate. What arrived is counted in the store.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Installation } from './installation.mjs';
import { freePort, holds, median, must, pause, round, stop } from './tools.mjs';

const COUNT = 4000;
const ROUNDS = 5;
const SIZES = [4, 20]; /* KB */

/* Headers as our letters have them, then lines of text. */
function letterOf(bytes) {
  const head = 'From: Edilizia <edilizia@comune.example>\r\nTo: cittadino@studio.example\r\nSubject: [EDI-7K3M-Q2] Videochiamata confermata\r\n'
    + 'Message-ID: <s.00000000000000000000000000@comune.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n';
  const line = 'La videochiamata e confermata per il giorno e l\'ora che ha scelto.\r\n';
  return (head + line.repeat(Math.ceil(bytes / line.length))).slice(0, bytes - 2).concat('\r\n');
}

const listens = (port) => new Promise((done) => {
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); done(true); });
  socket.once('error', () => done(false));
});

async function sink() {
  const port = await freePort();
  const user = process.getuid() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('smtp-sink', [...user, `127.0.0.1:${port}`, '100'], { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!await listens(port)) {
    holds(child.exitCode === null, `smtp-sink ended with ${child.exitCode}`);
    await pause(10);
  }
  return { port, child };
}

/* { rate: a second, us: of processor for one } */
function resultOf(text) {
  const [, rate, us] = /([\d.]+) letters\/s, ([\d.]+) us/.exec(text).map(Number);
  return { rate, us };
}

async function through(build, file, port) {
  const installation = await Installation.make(build);
  try {
    installation.office(1, 'mon 9:00-12:00');
    writeFileSync(installation.config, `[mail]\noutgoing = out\n[smtp sink]\nurl = smtp://127.0.0.1:${port}\ntls = none\n`);
    const outbox = join(build, 'bench/letters-outbox');
    must(outbox, [installation.config, String(COUNT), file]);
    const result = resultOf(must(outbox, [installation.config, String(COUNT)]));
    const [sent, all] = installation.sql("SELECT count(*) FILTER (WHERE state = 'sent' AND attempts = 1), count(*) FROM letter").trim().split('|').map(Number);
    holds(sent === COUNT && all === COUNT, `${sent} of ${all} letters sent at once`);
    return result;
  } finally {
    await installation.end();
  }
}

export async function letters(build) {
  const folder = mkdtempSync('/tmp/sportello-letters-');
  const { port, child } = await sink();
  try {
    for (const size of SIZES) {
      const file = join(folder, 'letter.eml');
      writeFileSync(file, letterOf(size * 1024));
      const ours = [];
      const theirs = [];
      for (let i = 0; i < ROUNDS; i++) {
        ours.push(await through(build, file, port));
        theirs.push(resultOf(must(join(build, 'bench/letters-direct'), [`smtp://127.0.0.1:${port}`, file, String(COUNT)])));
      }
      const [a, b] = [ours, theirs].map((all) => median(all.map(({ rate }) => rate)));
      const [us, bare] = [ours, theirs].map((all) => median(all.map((r) => r.us)));
      console.log(`letters       of ${size} KB: ${round(a, 0)}/s from the outbox, marked durably; libcurl alone ${round(b, 0)}/s; `
        + `ratio ${round(a / b)} (bar 0.7), rounds ${ours.map(({ rate }, i) => round(rate / theirs[i].rate)).join(' ')}; `
        + `processor ${round(us, 0)} us a letter, libcurl alone ${round(bare, 0)} us`);
    }
  } finally {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

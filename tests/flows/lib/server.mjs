// Starts the program the way people do and stops it again: a demo in a folder of its own, on a free port.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, readFileSync, readdirSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import PostalMime from 'postal-mime';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const program = process.env.SPORTELLO ?? join(root, 'build/sportello');
export const samples = join(root, 'tests/data/mail');
export const password = 'prova-di-sportello-1';
export const officer = 'operatore@comune.esempio.example';

export const sample = (name) => readFileSync(join(samples, name));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks `probe` until it answers something true, at most `seconds`; `what` may be a function, asked when it was in vain. */
export async function until(probe, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${typeof what === 'function' ? what() : what}`);
    await pause(50);
  }
}

export function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** Throws when a sanitizer or an assertion has spoken. */
function assertSound(log) {
  if (/ERROR: AddressSanitizer|runtime error:|ERROR: LeakSanitizer|CRITICAL|Assertion/.test(log)) throw new Error(`the program said: ${log}`);
}

/** A running server: `demo` or `serve`. */
class Server {
  /** options: of the command line, from the subcommand on; shell: put before the program's name. */
  async launch(options, { environment, shell = [], seconds = 60 } = {}) {
    const [command, ...words] = [...shell, program, ...options];
    this.process = spawn(command, words, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.printed = '';
    this.log = '';
    this.process.stdout.on('data', (text) => { this.printed += text; });
    this.process.stderr.on('data', (text) => { this.log += text; });
    this.ended = new Promise((done) => {
      this.process.once('close', (code, signal) => done({ code, signal }));
      this.process.once('error', (error) => done({ code: error.message, signal: null }));
    });
    let over = null;
    this.ended.then((how) => { over = how; });
    await until(async () => {
      if (over) throw new Error(`the server ended (${over.code ?? over.signal}): ${this.log}`);
      return this.answers();
    }, 'the server to answer', seconds);
    return this;
  }

  answers() {
    return fetch(`${this.url}/healthz`).then((answer) => answer.status === 200, () => false);
  }

  /** SIGTERM, then the exit code; throws when a sanitizer or an assertion has spoken. */
  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    const { code, signal } = await this.ended;
    if (!this.keep) rmSync(this.folder, { recursive: true, force: true });
    this.check();
    if (signal) throw new Error(`the server ended by ${signal}: ${this.log}`);
    return code;
  }

  /** As a power cut would: nothing is finished. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
    this.check();
  }

  check() { assertSound(this.log); }

  /** `sportello deliver`: the exit code. */
  deliver(message, office = 'edilizia') {
    return new Promise((done, failed) => {
      const child = spawn(program, ['deliver', '--config', this.config, '--office', office],
        { stdio: ['pipe', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (text) => { said += text; });
      child.once('error', failed);
      child.once('close', (code) => {
        this.deliverSaid = said;
        try {
          assertSound(said);
          done(code);
        } catch (error) {
          failed(error);
        }
      });
      child.stdin.on('error', () => {});
      child.stdin.end(message);
    });
  }

  /** Rows of the store, as arrays of texts. */
  rows(sql) {
    const result = spawnSync('sqlite3', ['-separator', '\t', '-cmd', '.timeout 10000', join(this.folder, 'sportello.db'), sql]);
    if (result.status !== 0) throw new Error(result.stderr.toString());
    return result.stdout.toString().split('\n').filter(Boolean).map((line) => line.split('\t'));
  }

  letterFiles() {
    return ['new', 'cur'].flatMap((part) => {
      const folder = join(this.folder, 'mail/outgoing', part);
      return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
    });
  }

  /** All letters that came out, parsed: {raw, subject, from, to, text, html, attachments, header(name)}. */
  async letters() {
    const letters = [];
    for (const file of this.letterFiles()) {
      const raw = readFileSync(file);
      const letter = await PostalMime.parse(raw, { attachmentEncoding: 'utf8' });
      letter.raw = raw.toString();
      letter.header = (name) => letter.headers.find((h) => h.key === name.toLowerCase())?.value ?? null;
      letters.push(letter);
    }
    return letters.sort((a, b) => a.date.localeCompare(b.date));
  }

  /** The letter whose To is `address` and whose subject matches, once it is there. */
  letter(address, subject) {
    return until(async () => (await this.letters())
      .find((l) => l.to?.some((to) => to.address === address) && subject.test(l.subject)),
    `a letter to ${address} about ${subject}`);
  }
}

export class Demo extends Server {
  /** now: RFC 3339 the demo's clock starts at; folder: of an earlier demo; environment: more variables; shell: see launch. */
  static async start({ now, folder, environment, shell } = {}) {
    const demo = new Demo();
    demo.folder = folder ?? mkdtempSync(join(tmpdir(), 'sportello-'));
    demo.keep = Boolean(folder);
    demo.config = join(demo.folder, 'sportello.conf');
    const port = await freePort();
    demo.url = `http://127.0.0.1:${port}`;
    const options = ['demo', '--data', demo.folder, '--listen', `127.0.0.1:${port}`];
    if (now) options.push('--now', now);
    return demo.launch(options, { environment: { SPORTELLO_DEMO_PASSWORD: password, ...environment }, shell });
  }
}

/** `sportello serve` on a configuration that is there already. */
export class Installation extends Server {
  static async start(config, url, options) {
    const server = new Installation();
    server.folder = dirname(config);
    server.keep = true;
    server.config = config;
    server.url = url;
    return server.launch(['serve', '--config', config], options);
  }
}

/** Runs the program to its end. */
export function run(options, input) {
  const result = spawnSync(program, options, { input, timeout: 60000, maxBuffer: 1 << 26 });
  if (result.error) throw result.error;
  assertSound(result.stderr.toString());
  return { code: result.status, out: result.stdout.toString(), err: result.stderr.toString() };
}

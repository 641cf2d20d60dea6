// coturn with a configuration of its own in a temporary folder, on this machine only.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../../flows/lib/server.mjs';

export class Turn {
  static async start() {
    const turn = new Turn();
    const port = await freePort();
    const secret = 'segreto-di-prova-per-coturn';
    turn.folder = mkdtempSync(join(tmpdir(), 'sportello-turn-'));
    const file = (name) => join(turn.folder, name);
    writeFileSync(file('secret'), `${secret}\n`, { mode: 0o600 });
    writeFileSync(file('turnserver.conf'), [
      'listening-ip=127.0.0.1', `listening-port=${port}`, 'relay-ip=127.0.0.1', 'allow-loopback-peers', 'no-cli',
      'use-auth-secret', `static-auth-secret=${secret}`, 'realm=sportello.example', 'no-tls', 'no-dtls', 'fingerprint', 'relay-threads=1',
      `pidfile=${file('pid')}`, `userdb=${file('db')}`, 'log-file=stdout', 'verbose', '',
    ].join('\n'));
    turn.environment = {
      SPORTELLO_ROOM_TURN_URLS: `turn:127.0.0.1:${port}?transport=udp turn:127.0.0.1:${port}?transport=tcp`,
      SPORTELLO_ROOM_TURN_SECRET_FILE: file('secret'),
    };
    turn.log = '';
    turn.process = spawn('turnserver', ['-c', file('turnserver.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    const failed = new Promise((_, reject) => {
      turn.process.once('error', () => reject(new Error('turnserver is missing: scripts/deps test installs coturn')));
      turn.process.once('exit', (code) => reject(new Error(`turnserver ended (${code}): ${turn.log}`)));
    });
    failed.catch(() => {});
    for (const out of [turn.process.stdout, turn.process.stderr]) out.on('data', (text) => { turn.log += text; });
    await Promise.race([failed, until(() => /UDP listener opened on/i.test(turn.log), 'turnserver to listen', 20)]);
    return turn;
  }

  async close() {
    const ended = new Promise((done) => { this.process.once('exit', done); });
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

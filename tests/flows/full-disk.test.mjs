// A disk that is full while mail is delivered: 75, so that the MTA keeps it, and nothing half-written.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { program } from './lib/server.mjs';

// Runs in a mount namespace of its own; prints one line a step.
const script = `
set -u
mount -t tmpfs -o size=6m tmpfs "$1"
cd "$1"
printf '[server]\\npublic_url = http://127.0.0.1:1\\n' > sportello.conf
"$2" office add --config sportello.conf --organisation e --slug edilizia --name E --address e@e.example --prefix EDI || exit 1
message() { printf 'From: a@b.example\\r\\nMessage-ID: <%s@b.example>\\r\\nSubject: x\\r\\n\\r\\n' "$1"; head -c "$2" /dev/urandom | base64; }
message small 1000 > small.eml
message big 700000 > big.eml
"$2" deliver --config sportello.conf --office edilizia < small.eml; echo "small $?"
head -c 20000000 /dev/zero > filler 2>/dev/null
"$2" deliver --config sportello.conf --office edilizia < big.eml 2>/dev/null; echo "full $?"
rm filler
sqlite3 sportello.db 'PRAGMA integrity_check; SELECT count(*), count(DISTINCT message_id) FROM message_piece' | tr '\\n' ' '; echo
"$2" deliver --config sportello.conf --office edilizia < big.eml; echo "again $?"
sqlite3 sportello.db 'SELECT count(*) FROM message'
`;

test('a full disk is a reason to try again later, and the mail is taken when there is room', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-full-'));
  try {
    const result = spawnSync('unshare', ['--mount', 'bash', '-c', script, 'bash', folder, program], { timeout: 60000 });
    const lines = result.stdout.toString().trim().split('\n').map((line) => line.trim());
    assert.deepEqual(lines, ['small 0', 'full 75', 'ok 1|1', 'again 0', '2'], result.stderr.toString());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

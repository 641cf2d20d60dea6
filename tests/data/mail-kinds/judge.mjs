// Judges `PROGRAM read` on every message of this folder by expected.json: node judge.mjs PROGRAM [BEGINNING OF THE NAMES]
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [program, beginning = ''] = process.argv.slice(2);

const read = (file) => new Promise((done, failed) => {
  const child = execFile(program, ['read'], { timeout: 30000 }, (error, out) => (error ? failed(error) : done(JSON.parse(out))));
  child.stdin.end(readFileSync(join(here, `${file}.eml`)));
});

/** What expected.json may name: a member of the reading, of transport or triage, or the number of preferences. */
function shown(reading) {
  const { kind, action, transport, triage, sender, preferences } = reading;
  return { ...triage, ...transport, kind, action, email: sender?.email, preferences: preferences.length };
}

const rows = JSON.parse(readFileSync(join(here, 'expected.json'), 'utf8')).filter(({ file }) => file.startsWith(beginning));
let wrong = 0;
for (const { file, ...expected } of rows) {
  const got = shown(await read(file));
  const misses = Object.entries(expected).filter(([key, value]) => (got[key] ?? null) !== value).map(([key, value]) => `${key} is ${got[key]}, not ${value}`);
  if (misses.length) {
    wrong += 1;
    console.log(`${file}: ${misses.join('; ')}`);
  }
}
console.log(`${rows.length} messages, ${rows.length - wrong} right`);
process.exitCode = rows.length && !wrong ? 0 : 1;

// Reading of words: letters, a body of 1 MiB, and hostile bodies, on one processor. Beside it what a plain pass over the same bytes costs.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeTexts } from './reading-texts.mjs';
import { holds, must, round } from './tools.mjs';

const MAILS = resolve(new URL('../tests/data/mail', import.meta.url).pathname);
const BAR = 40; /* MB/s */

const run = (build, ...options) => must('taskset', ['-c', '0', join(build, 'bench', 'reading'), ...options])
  .trim().split('\n').map((line) => JSON.parse(line));

function compare(build, what, ...files) {
  const [one] = run(build, 'letters', ...files);
  const rate = (seconds) => one.bytes / seconds / 1e6;
  console.log(`reading       ${what}: ${round(rate(one.reading), 1)} MB/s (bar ${BAR}), ${round(one.reading * 1e9 / one.tokens, 0)} ns a token, `
    + `${round(one.reading * 1e6 / one.messages, 1)} us a message of ${round(one.bytes / one.messages / 1000, 1)} KB; `
    + `plain pass ${round(rate(one.plain), 1)} MB/s, ratio ${round(one.plain / one.reading)}; `
    + `expression ${round(rate(one.expression), 1)} MB/s, ratio ${round(one.expression / one.reading)}; `
    + `${one.proposals} proposals, ${round(one.allocations / one.messages, 0)} allocations a message, `
    + `${round(one.allocations * 1000 / one.tokens, 1)} per 1,000 tokens`);
  return one;
}

export async function reading(build) {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-bench-reading-'));
  try {
    const texts = makeTexts(folder);
    const mails = readdirSync(MAILS).filter((name) => name.endsWith('.eml')).map((name) => join(MAILS, name));
    const letters = compare(build, 'letters of 1 to 4 KB', texts.letters);
    holds(letters.proposals > letters.messages, 'letters without proposals');
    compare(build, 'messages of the tests', texts.messages, ...mails);
    compare(build, 'a body of 1 MiB', texts.body);
    const prose = compare(build, '1 MiB that asks nothing', texts.prose);
    holds(prose.proposals === 0, `${prose.proposals} proposals in prose`);
    for (const { name, small, large, resident } of run(build, 'hostile', '1000000'))
      console.log(`reading       1 MB of ${name}: ${round(small * 1000, 1)} ms (${round(1 / small, 1)} MB/s), 10 MB: `
        + `${round(large * 1000, 0)} ms, ${round(large / small, 1)} times; most memory so far ${round(resident / 1e6, 0)} MB`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

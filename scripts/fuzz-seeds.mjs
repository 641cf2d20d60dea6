// Seeds and a dictionary for fuzz-reading: the rows of tests/data/reading, the phrases of src/reading/words_*.c.
//
//   node scripts/fuzz-seeds.mjs FOLDER DICTIONARY
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, dictionary] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const data = 'tests/data/reading';
for (const file of readdirSync(data).filter((name) => name.endsWith('.json'))) {
  for (const row of JSON.parse(readFileSync(join(data, file), 'utf8'))) {
    const seed = `0${row.subject ?? 'Richiesta'}\n${row.text ?? ''}`; // the first byte chooses day and headers
    writeFileSync(join(folder, createHash('sha1').update(seed).digest('hex')), seed);
  }
}

const phrases = new Set();
for (const file of readdirSync('src/reading').filter((name) => /^words_.*\.c$/.test(name))) {
  for (const [, phrase] of readFileSync(join('src/reading', file), 'utf8').matchAll(/\{"([^"\\]+)", LEX_/g)) {
    phrases.add(phrase.replaceAll('~', 'o').replace(/\|(\w*)[|\w]*/g, '$1').toLowerCase());
  }
}
writeFileSync(dictionary, [...phrases].map((phrase) => `"${phrase}"\n`).join(''));

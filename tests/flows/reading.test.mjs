// What `sportello read` finds in whole messages and single sentences, against what a careful officer reads in them
// (tests/data/reading/messages). tests/data/mail/score.mjs compares; here each message and sentence is a case of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { program, root } from './lib/server.mjs';

const folder = join(root, 'tests/data/reading/messages');
const messages = readdirSync(folder).filter((name) => name.endsWith('.eml')).sort();
const sentences = JSON.parse(readFileSync(join(folder, 'sentences.json'), 'utf8'));

/** Known to be wrong: message or place of the sentence, and what is. An entry that became right fails too: take it out. */
const not_yet = {
  182: ['must address'],
};

/** {file: ['must PATH: expected …, got …' or 'never PATH = VALUE', …]} for each message of a folder. */
function score(place) {
  const run = spawnSync(process.execPath, [join(root, 'tests/data/mail/score.mjs'), program, place], { maxBuffer: 1 << 26 });
  const faults = {};
  let file;
  for (const line of run.stdout.toString().split('\n')) {
    const head = /^(?:WRONG|ok {3}) (\S+)(.*)$/.exec(line);
    if (head) faults[file = head[1]] = head[2] ? [head[2].trim()] : [];
    else if (/^ {6}(must|never) /.test(line)) faults[file].push(line.trim());
  }
  return faults;
}

/** 'must preferences: expected …' and 'never kind = request' without what was found: how `not_yet` names them. */
const brief = (fault) => fault.replace(/^(must [^:]+): expected .*$/s, '$1').replace(/^(never \S+) = .*$/s, '$1');

function judge(name, faults) {
  assert.ok(faults, `${name} was not scored`);
  const known = not_yet[name] ?? [];
  assert.deepEqual(faults.filter((fault) => !known.includes(brief(fault))), [], name);
  assert.deepEqual(known.filter((one) => !faults.some((fault) => brief(fault) === one)), [], `${name}: right now, to be taken out of not_yet`);
}

/** A message whose whole text is one sentence, written on `day` ("2027-01-13 10:00", winter time). */
function mail({ text, day }) {
  const [date, clock] = day.split(' ');
  const [weekday, month] = [{ weekday: 'short' }, { month: 'short' }]
    .map((part) => new Intl.DateTimeFormat('en-US', { ...part, timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`)));
  const [year, , number] = date.split('-');
  return [`Date: ${weekday}, ${Number(number)} ${month} ${year} ${clock}:00 +0100`, 'From: Anna Prova <anna.prova@posta.example>',
    'To: appuntamentiedilizia@comune.esempio.example', 'Message-ID: <una-frase@posta.example>', 'Subject: richiesta', 'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', text, ''].join('\r\n');
}

/** {'preferences.0.date': x} as the tree that score.mjs walks. */
function tree(want) {
  const whole = {};
  for (const [path, value] of Object.entries(want)) {
    const keys = path.split('.');
    const last = keys.pop();
    keys.reduce((inner, key) => inner[key] ??= {}, whole)[last] = value;
  }
  return whole;
}

describe('whole messages', () => {
  let faults;
  before(() => { faults = score(folder); });
  for (const file of messages) test(file, () => judge(file, faults[file]));
});

describe('single sentences', () => {
  let place;
  let faults;
  before(() => {
    place = mkdtempSync(join(tmpdir(), 'sportello-sentences-'));
    for (const [index, sentence] of sentences.entries()) {
      const never = sentence.never.map((one) => one.split(/=(.*)/s)).map(([path, value]) => ({ path, value }));
      writeFileSync(join(place, `${index + 1}.eml`), mail(sentence));
      writeFileSync(join(place, `${index + 1}.json`), JSON.stringify({ file: `${index + 1}.eml`, ...tree(sentence.want), must: Object.keys(sentence.want), never }));
    }
    faults = score(place);
  });
  after(() => rmSync(place, { recursive: true }));
  for (const [index, { text }] of sentences.entries()) test(`${index + 1}: ${text}`, () => judge(String(index + 1), faults[`${index + 1}.eml`]));
});

test('what is known to be wrong exists', () => {
  const names = new Set([...messages, ...sentences.map((_, index) => String(index + 1))]);
  assert.deepEqual(Object.keys(not_yet).filter((name) => !names.has(name)), []);
});

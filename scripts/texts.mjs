// The texts for people: node scripts/texts.mjs [--check CATALOGUE.po | --missing CATALOGUE.po]
//
// Without options prints every text of ui/ and of the dates as a template for catalogues (.pot). --check fails when
// the catalogue lacks one, has one that no template asks for, or leaves one empty. --missing prints those to translate.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const texts = new Map(); // "context\u0004msgid" -> where it stands

const add = (context, msgid, where) => {
  const key = context ? `${context}\u0004${msgid}` : msgid;
  texts.set(key, [...(texts.get(key) ?? []), where]);
};

for (const folder of ['pages', 'letters']) {
  for (const name of readdirSync(join(root, 'ui', folder)).sort()) {
    if (!name.endsWith('.mustache')) continue;
    const source = readFileSync(join(root, 'ui', folder, name), 'utf8');
    for (const [, context, msgid] of source.matchAll(/\{\{#_(?: +([^}]*?))?\}\}(.*?)\{\{\/_(?: [^}]*)?\}\}/gs)) {
      if (msgid.replace(/\{\{[a-z_.]+\}\}/g, '').includes('{{')) throw new Error(`${folder}/${name}: a tag inside a text: ${msgid}`);
      add(context, msgid, `ui/${folder}/${name}`);
    }
  }
}

// The names and patterns of dates stand in one struct of when_value.c.
const dates = readFileSync(join(root, 'src/base/when_value.c'), 'utf8');
const contexts = { weekday: 'weekday', weekday_short: 'weekday short', month: 'month', day_long: 'date', date_long: 'date', short_form: 'date', time_separator: 'time' };
for (const [member, context] of Object.entries(contexts)) {
  const found = new RegExp(`\\.${member} = (\\{[^}]*\\}|"[^"]*")`).exec(dates);
  if (!found) throw new Error(`src/base/when_value.c: no .${member}`);
  for (const [, msgid] of found[1].matchAll(/"([^"]*)"/g)) add(context, msgid, 'src/base/when_value.c');
}

// --- catalogues ---------------------------------------------------------------------------------------------------

const unquote = (line) => JSON.parse(line.slice(line.indexOf('"')));

function readCatalogue(file) {
  const entries = new Map();
  let entry = {};
  let field = null;
  const finish = () => {
    if (entry.msgid) entries.set(entry.msgctxt ? `${entry.msgctxt}\u0004${entry.msgid}` : entry.msgid, entry.msgstr ?? '');
    entry = {};
    field = null;
  };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const start = /^(msgctxt|msgid|msgstr) "/.exec(line)?.[1];
    if (start) {
      if (field === 'msgstr') finish();
      field = start;
      entry[field] = unquote(line);
    } else if (line.startsWith('"') && field) {
      entry[field] += unquote(line);
    } else if (!line.trim()) {
      finish();
    }
  }
  finish();
  return entries;
}

const quote = (text) => JSON.stringify(text);
const shown = (key) => (key.includes('\u0004') ? `${key.split('\u0004')[1]} (${key.split('\u0004')[0]})` : key);

function writeEntry([key, where]) {
  const [context, msgid] = key.includes('\u0004') ? key.split('\u0004') : [null, key];
  const lines = [...new Set(where)].map((file) => `#: ${file}`);
  if (context) lines.push(`msgctxt ${quote(context)}`);
  return [...lines, `msgid ${quote(msgid)}`, 'msgstr ""', ''].join('\n');
}

const [option, file] = process.argv.slice(2);
if (!option) {
  console.log([...texts].map(writeEntry).join('\n'));
} else {
  const known = readCatalogue(file);
  const missing = [...texts].filter(([key]) => !known.get(key));
  const unused = [...known.keys()].filter((key) => !texts.has(key));
  if (option === '--missing') {
    console.log(missing.map(writeEntry).join('\n'));
  } else if (option === '--check') {
    for (const [key, where] of missing) console.log(`${file}: not translated: ${shown(key)} (${where[0]})`);
    const variables = (text) => [...text.matchAll(/\{\{[^}]*\}\}/g)].map(([tag]) => tag).sort().join(' ');
    const changed = [...texts.keys()].filter((key) => known.get(key) && variables(key) !== variables(known.get(key)));
    for (const key of changed) console.log(`${file}: other variables than the text: ${shown(key)}`);
    for (const key of unused) console.log(`${file}: nobody asks for: ${shown(key)}`);
    console.log(`${file}: ${texts.size} texts, ${missing.length} missing, ${unused.length} unused`);
    process.exit(missing.length + unused.length + changed.length > 0 ? 1 : 0);
  } else {
    console.error(`texts.mjs: unknown option ${option}; known are --check and --missing`);
    process.exit(2);
  }
}

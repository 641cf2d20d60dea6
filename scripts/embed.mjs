// Puts ui/ into the program: node embed.mjs UI PACKAGES TABLE.c BYTES.bin DEPFILE
//
// Writes the table of src/base/embedded.h and one file of bytes that the assembler includes. On the way catalogues
// are compiled, the style sheet is made (scripts/styles.mjs), icons are gathered, assets compressed.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { styles } from './styles.mjs';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const [ui, packages, table, bytes, depfile] = process.argv.slice(2);
const inputs = new Set(); // files and folders: a new file touches its folder

const read = (path) => {
  inputs.add(path);
  return readFileSync(path);
};

function walk(folder) {
  inputs.add(folder);
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : entry.name.startsWith('.') ? [] : [path];
  });
}

function templates() {
  return ['pages', 'letters'].flatMap((group) =>
    walk(join(ui, group)).map((path) => ({ name: relative(ui, path), bytes: read(path) })),
  );
}

function catalogues() {
  return walk(join(ui, 'locale'))
    .filter((path) => path.endsWith('.po'))
    .map((path) => {
      inputs.add(path);
      const compiled = execFileSync('msgfmt', ['--check-format', '--no-hash', '-o', '-', path], { maxBuffer: 1 << 26 });
      return { name: `locale/${basename(path, '.po')}.mo`, bytes: compiled };
    });
}

async function assets(sources) {
  const folder = join(ui, 'assets');
  const files = walk(folder).map((path) => ({ path, name: `assets/${relative(folder, path)}`, bytes: read(path) }));
  const own = files.filter((file) => file.name.endsWith('.css'));
  const scripts = files.filter((file) => file.name.endsWith('.js'));
  const content = [...sources, ...scripts].map((file) => file.bytes.toString('utf8'));
  const made = await styles({ packages, read, own, content });
  return [...files.filter((file) => !file.name.endsWith('.css')), ...made].map((file) => {
    const type = TYPES[extname(file.name)];
    if (!type) throw new Error(`${file.name}: no media type for ${extname(file.name)} in scripts/embed.mjs`);
    return { name: file.name, bytes: Buffer.from(file.bytes), type };
  });
}

function compress(file) {
  const smaller = (form) => (form.length < file.bytes.length * 0.95 ? form : null);
  if (/woff2|png|audio/.test(file.type)) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: file.bytes.length };
  file.gzip = smaller(gzipSync(file.bytes, { level: 9 }));
  file.brotli = smaller(brotliCompressSync(file.bytes, { params }));
}

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

const pages = templates();
const served = await assets(pages);
const files = [...pages, ...catalogues(), ...served].sort((a, b) => (a.name < b.name ? -1 : 1));
for (const file of served) compress(file);

const chunks = [];
let offset = 0;
const place = (data) => {
  if (!data) return 'NULL, 0';
  const at = `embedded_bytes + ${offset}, ${data.length}`;
  chunks.push(data);
  offset += data.length;
  return at;
};
const rows = files.map((file) => {
  const [plain, gzip, brotli] = [file.bytes, file.gzip, file.brotli].map(place);
  const [gzipAt, gzipLength] = gzip.split(', ');
  const [brotliAt, brotliLength] = brotli.split(', ');
  const type = file.type ? `"${file.type}"` : 'NULL';
  return (
    `    {"${file.name}", ${type}, "${sha256(file.bytes).slice(0, 16)}", ${plain},\n` +
    `     ${gzipAt}, ${brotliAt}, ${gzipLength}, ${brotliLength}},\n`
  );
});
const all = sha256(served.map((file) => `${file.name} ${sha256(file.bytes)}\n`).sort().join(''));

writeFileSync(bytes, Buffer.concat(chunks));
writeFileSync(
  table,
  `/* Made by scripts/embed.mjs. */
#include "base/embedded.h"

__asm__(".pushsection .rodata, \\"a\\", @progbits\\n"
        ".balign 16\\n"
        ".globl embedded_bytes\\n"
        "embedded_bytes:\\n"
        ".incbin \\"${bytes}\\"\\n"
        ".popsection\\n");
extern const guint8 embedded_bytes[] __attribute__((visibility("hidden")));

const char embedded_assets_hash[] = "${all.slice(0, 8)}";
const guint embedded_n_files = ${files.length};
const EmbeddedFile embedded_files[] = {
${rows.join('')}};
`,
);
const escape = (path) => path.replace(/[ #$\\]/g, (c) => (c === '$' ? '$$' : `\\${c}`));
writeFileSync(depfile, `${escape(table)}: ${[...inputs].map(escape).join(' \\\n ')}\n`);

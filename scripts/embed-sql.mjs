// Writes the numbered schema files as one C table: node embed-sql.mjs OUT.c 001-first.sql 002-….sql
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const [out, ...files] = process.argv.slice(2);
const quote = (line) => '    "' + line.replace(/\\/g, '\\\\').replace(/"/g, '\\"') + '\\n"';

const entries = files.map((file, index) => {
    const number = Number(/^(\d{3})-/.exec(basename(file))?.[1]);
    if (number !== index + 1)
        throw new Error(`${file}: schema files are numbered from 001 without gaps`);
    const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('--'));
    return `    /* ${basename(file)} */\n${lines.map(quote).join('\n')},\n`;
});
writeFileSync(out, `#include "store/migrate.h"\n\nconst char *const migrate_steps[] = {\n${entries.join('')}    NULL,\n};\n`);

// A backlog: what waits in the Maildir is read many at a time, and a message that kills its reader harms nobody else's.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Demo, until } from './lib/server.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const office = 'appuntamentiedilizia@comune.esempio.example';

const mail = (number, { from = `Persona ${number} <persona${number}@studio.example>`, more = '', body = `Buongiorno, vorrei un appuntamento per la SCIA ${number}/2026.\r\n` } = {}) => Buffer.from(
  `Date: Fri, 20 Nov 2026 17:30:00 +0100\r\nFrom: ${from}\r\nTo: ${office}\r\nSubject: Arretrato ${number}\r\nMessage-ID: <arretrato-${number}@studio.example>\r\n${more}\r\n${body}`);

/* Half a million empty parts: what a reader needs for them is more than it may have. */
const killer = (number) => mail(number, { more: 'Content-Type: multipart/mixed; boundary=x\r\n', body: `${'--x\n\n'.repeat(500000)}--x--\n` });

/* All of them in one moment. */
function dropAll(server, messages) {
  const incoming = join(server.folder, 'mail/incoming');
  const staged = join(server.folder, 'staged');
  mkdirSync(staged);
  messages.forEach((bytes, i) => writeFileSync(join(staged, `17${String(i).padStart(3, '0')}.mx`), bytes));
  for (const name of readdirSync(staged)) renameSync(join(staged, name), join(incoming, 'new', name));
}

describe('a backlog', () => {
  let demo;
  before(async () => { demo = await Demo.start({ now: friday }); });
  after(() => demo.stop());

  const rows = (sql) => demo.rows(sql);

  // A sanitizer's shadow takes all address space there is: a child has no limits there.
  test('one that kills its reader is kept to be read, and the others are read as ever', { timeout: 120000, skip: Boolean(process.env.ASAN_OPTIONS) }, async () => {
    const messages = Array.from({ length: 24 }, (_, i) => (i === 5 || i === 17 ? killer(i) : mail(i)));
    dropAll(demo, messages);
    await until(() => readdirSync(join(demo.folder, 'mail/incoming/new')).length === 0, 'an empty new', 100);
    assert.deepEqual(rows("SELECT state, count(*) FROM message WHERE direction = 'in' GROUP BY state ORDER BY state"), [['failed', '2'], ['read', '22']]);
    assert.deepEqual(rows('SELECT r.to_read, r.person_id IS NOT NULL, m.size, (SELECT sum(length(bytes)) FROM message_piece p WHERE p.message_id = m.id) '
      + "FROM message m JOIN request r ON r.id = m.request_id WHERE m.state = 'failed'"), [5, 17].map((i) => ['1', '1', String(messages[i].length), String(messages[i].length)]));
    assert.deepEqual(rows("SELECT subject FROM message WHERE state = 'read' ORDER BY CAST(substr(subject, 10) AS INTEGER)").map(([subject]) => subject),
      messages.flatMap((_, i) => (i === 5 || i === 17 ? [] : [`Arretrato ${i}`])));
    assert.deepEqual(rows("SELECT count(*), count(DISTINCT person_id) FROM request WHERE subject LIKE 'Arretrato %'"), [['22', '22']]);
    assert.match(demo.log, /event=message_unreadable message=\d+ error="/);
  });
});

// What was read in a mail waits for an officer: confirmed it holds, rejected it gives way, and until then nothing moves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, password, run, until } from './lib/server.mjs';

const monday = '2026-11-23T09:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const anna = 'anna.rossi@posta.example';

const mail = (from, subject, text, more = []) => Buffer.from([
  `From: Anna Rossi <${from}>`, 'To: appuntamentiedilizia@comune.esempio.example', `Subject: ${subject}`,
  'Date: Mon, 23 Nov 2026 08:30:00 +0100', `Message-ID: <${from}.${subject.replace(/\W/g, '')}@posta.example>`, ...more,
  'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', text, '',
].join('\r\n'));

const words = `Buongiorno, per il PdC 41/2026 vorrei una videochiamata martedì prossimo alle 10.
Sono a disposizione anche giovedì 26 novembre alle 9,30.
Sarà presente anche l'ing. Luca Bruni (luca.bruni@studio.example).

Cordiali saluti
Anna Rossi
tel. 045 5550134
cell. 347 5550198`;

describe('proposals of a mail', () => {
  let demo;
  let desk;
  let code;
  let path;
  const page = () => desk.json(path);
  const items = async (kind) => (await page()).proposals.items.filter((item) => item.kind === kind);
  const one = async (kind, value) => (await page()).proposals.items.find((item) => item.kind === kind && item.value === value);
  const say = (kind, value, verdict, who = desk) => who.post(`${path}/proposte`, { kind, value, verdict }, path);
  const verdicts = () => demo.rows('SELECT kind, value, verdict FROM verdict ORDER BY kind, value').map((row) => row.join(' '));

  before(async () => {
    demo = await Demo.start({ now: monday });
    desk = await new Client(demo.url).login();
    assert.equal(await demo.deliver(mail(anna, 'SCIA 7/2025 e altro', words)), 0);
    const receipt = await demo.letter(anna, /EDI-/);
    code = /EDI-[0-9A-Z]{4}-[0-9A-Z]{2}/.exec(receipt.subject)[0];
    path = `/scrivania/r/${code}`;
  });
  after(async () => { assert.equal(await demo.stop(), 0); });

  test('stand in the order of the text, with the words they came from', async () => {
    const shown = await page();
    assert.deepEqual(shown.proposals.items.map((item) => item.n), shown.proposals.items.map((item, index) => index + 1));
    const text = Buffer.from(shown.thread.find((entry) => entry.is_in).blocks.flatMap((block) => block.pieces).map((piece) => piece.text).join(''));
    const practice = await one('practice', 'PdC 41/2026');
    assert.equal(practice.source, 'text');
    assert.equal(text.subarray(practice.start, practice.end).toString(), 'PdC 41/2026');
    assert.match(practice.rule, /^practice\./);
    assert.equal(practice.confidence, 'certain');
    assert.equal((await one('practice', 'SCIA 7/2025')).source, 'subject');
    assert.ok(shown.proposals.items.every((item) => item.verdict === 'open'));
    assert.equal(shown.proposals.open, shown.proposals.items.length);
  });

  test('are marked where they stand, in the text and in the subject', async () => {
    const { thread, proposals } = await page();
    const entry = thread.find((one) => one.is_in);
    const marked = [...entry.subject_line.pieces, ...entry.blocks.flatMap((block) => block.pieces)].filter((piece) => piece.is_marked);
    const numberOf = (value) => proposals.items.find((item) => item.value === value).n;
    assert.equal(marked.find((piece) => piece.text === 'SCIA 7/2025').n, numberOf('SCIA 7/2025'));
    assert.equal(marked.find((piece) => piece.text === 'PdC 41/2026').n, numberOf('PdC 41/2026'));
    const [first, second] = proposals.items.filter((item) => item.is_choice);
    assert.deepEqual([first.start, first.end], [second.start, second.end], 'the same words');
    const twice = marked.find((piece) => /martedì/.test(piece.text));
    assert.deepEqual([twice.n, twice.also], [first.n, [{ n: second.n }]]);
    const html = (await desk.get(path)).text;
    for (const { n, has_mark: hasMark } of proposals.items) {
      assert.equal(html.includes(`id="proposta-${n}"`), true);
      assert.equal(html.split(`id="testo-${n}"`).length - 1, hasMark ? 1 : 0, `the words of ${n} once`);
      assert.equal(html.split(`href="#testo-${n}"`).length - 1, hasMark ? 1 : 0, `the way to the words of ${n}`);
    }
  });

  test('what the program goes by already is shown as read, not as confirmed', async () => {
    const { request } = await page();
    assert.equal(request.practice, 'PdC 41/2026');
    assert.equal((await one('practice', 'PdC 41/2026')).is_in_use, true);
    assert.equal((await one('practice', 'SCIA 7/2025')).is_in_use, false);
    assert.equal((await one('phone', '+390455550134')).is_in_use, true);
    assert.match((await desk.get(path)).text, /letto, da confermare/);
    assert.deepEqual(verdicts(), []);
  });

  test('a confirmed practice becomes that of the request', async () => {
    const answer = await say('practice', 'SCIA 7/2025', 'confirmed');
    assert.equal(answer.status, 303);
    assert.equal(answer.location, `${path}#proposta-${(await one('practice', 'SCIA 7/2025')).n}`);
    assert.equal((await page()).request.practice, 'SCIA 7/2025');
    const found = async (text) => (await desk.json(`/scrivania?cerca=${encodeURIComponent(text)}`)).rows.length;
    assert.equal(await found('SCIA 7/2025'), 1);
    assert.equal((await one('practice', 'SCIA 7/2025')).verdict, 'confirmed');
  });

  test('rejected, it gives way to the next that was read, then to none; thought again, it is back', async () => {
    await say('practice', 'SCIA 7/2025', 'rejected');
    assert.equal((await page()).request.practice, 'PdC 41/2026');
    await say('practice', 'PdC 41/2026', 'rejected');
    assert.equal((await page()).request.practice, null);
    await say('practice', 'PdC 41/2026', 'open');
    assert.equal((await page()).request.practice, 'PdC 41/2026');
    assert.equal((await one('practice', 'PdC 41/2026')).is_in_use, true);
    await say('practice', 'PdC 41/2026', 'confirmed');
  });

  test('a confirmed phone becomes that of the person, a rejected one is nobody\'s', async () => {
    const phone = async () => (await page()).request.person.phone;
    assert.equal(await phone(), '+390455550134');
    await say('phone', '+393475550198', 'confirmed');
    assert.equal(await phone(), '+393475550198');
    await say('phone', '+393475550198', 'rejected');
    assert.equal(await phone(), '+390455550134');
    await say('phone', '+390455550134', 'rejected');
    assert.equal(await phone(), null);
    await say('phone', '+393475550198', 'confirmed');
  });

  test('of two readings of the same words one is right: the other is rejected, and its times are no wish', async () => {
    const [first, second] = (await items('wish')).filter((item) => item.is_choice);
    assert.match(first.value, /^2026-11-24 10:00/);
    assert.match(second.value, /^2026-12-01 10:00/);
    const [doubtful] = (await page()).times;
    assert.deepEqual([doubtful.start, doubtful.is_wished, doubtful.is_doubtful], [at('11-24T10:00'), true, true], 'nobody has said which');
    await say('wish', second.value, 'confirmed');
    assert.equal((await one('wish', first.value)).verdict, 'rejected');
    assert.equal((await one('wish', first.value)).fit, undefined);
    const { times } = await page();
    assert.deepEqual([times[0].start, times[0].is_wished, times[0].is_doubtful], [at('12-01T10:00'), true, false]);
    assert.equal(times.find((time) => time.start === at('11-24T10:00'))?.is_wished ?? false, false);
    const [row] = (await desk.json('/scrivania')).rows;
    assert.equal(row.wishes[0].start, at('12-01T10:00'), 'the key V of the list means it too');
    await say('wish', second.value, 'open');
    assert.deepEqual((await items('wish')).map((item) => item.verdict), ['open', 'open', 'open'], 'the whole choice is open again');
    await say('wish', first.value, 'rejected');
    assert.equal((await one('wish', second.value)).verdict, 'open', 'one that is wrong makes the other no truth');
    assert.equal((await desk.json('/scrivania')).rows[0].wishes[0].start, at('12-01T10:00'));
  });

  test('a confirmed wish comes before the others, whatever fits them better', async () => {
    const thursday = (await items('wish')).find((item) => !item.is_choice);
    await say('wish', thursday.value, 'confirmed');
    const { times } = await page();
    assert.equal(times[0].start, at('11-26T09:40'), 'half past nine is no start here');
    assert.equal(times[0].is_wished, true);
    assert.equal((await desk.json('/scrivania')).rows[0].wishes[0].start, at('11-26T09:40'));
  });

  test('all that are certain at once: what somebody has answered stays', async () => {
    const before = (await page()).proposals;
    assert.ok(before.certain > 0);
    const answer = await desk.post(`${path}/proposte`, { verdict: 'confirmed' }, path);
    assert.equal(answer.location, `${path}#proposte`);
    const { proposals } = await page();
    assert.equal(proposals.certain, 0);
    for (const [index, item] of proposals.items.entries()) {
      const was = before.items[index];
      const expected = was.verdict === 'open' && was.confidence === 'certain' ? 'confirmed' : was.verdict;
      assert.equal(item.verdict, expected, `${item.kind} ${item.value}`);
    }
    assert.equal((await page()).request.person.phone, '+393475550198', 'it was confirmed before');
  });

  test('of two officers the last one wins, and the history names both without the value', async () => {
    const made = run(['user', 'add', '--config', demo.config, '--email', 'seconda@comune.esempio.example', '--name', 'Seconda Persona',
      '--office', 'edilizia'], `${password}-2\n`);
    assert.equal(made.code, 0, made.err);
    const second = await new Client(demo.url).login('seconda@comune.esempio.example', `${password}-2`);
    await Promise.all([say('phone', '+393475550198', 'rejected', second), say('topic', 'altro', 'confirmed')]);
    await say('phone', '+393475550198', 'confirmed');
    const { history } = await page();
    const told = history.filter((line) => line.action.startsWith('proposal_') && line.about.is_phone);
    assert.deepEqual(told.slice(0, 2).map((line) => line.action), ['proposal_confirmed', 'proposal_rejected'], 'newest first');
    assert.notEqual(told[0].who, told[1].who);
    assert.deepEqual(demo.rows("SELECT count(*) FROM audit WHERE detail LIKE '%5550198%' OR detail LIKE '%41/2026%'"), [['0']]);
  });

  test('what was not read cannot be confirmed, nor by anybody else', async () => {
    for (const fields of [{ kind: 'phone', value: '+390000000000', verdict: 'confirmed' }, { kind: 'practice', value: 'PdC 41/2026', verdict: 'maybe' },
      { kind: 'practice', value: 'PdC 41/2026' }, { verdict: 'rejected' }, { kind: 'x', verdict: 'confirmed' }])
      assert.equal((await desk.post(`${path}/proposte`, fields, path)).status, 404, JSON.stringify(fields));
    assert.equal((await desk.post(`${path}/proposte`, { kind: 'practice', value: 'PdC 41/2026', verdict: 'rejected' }, path, { csrf: 'altrove' })).status, 403);
    const nobody = new Client(demo.url);
    assert.equal((await nobody.ask(`${path}/proposte`, { method: 'POST', body: new URLSearchParams({ verdict: 'confirmed' }) })).status, 303);
    assert.equal((await page()).request.practice, 'PdC 41/2026');
  });

  test('who else takes part is named in the letter once it is confirmed, and unless the officer takes it out', async () => {
    const { times } = await page();
    const preview = () => desk.json(`${path}/conferma?inizio=${times[0].start}`);
    const [participant] = await items('participant');
    await say('participant', participant.value, 'open');
    assert.equal((await preview()).words, null);
    await say('participant', participant.value, 'confirmed');
    const shown = await preview();
    assert.equal(shown.words, 'Parteciperà anche: Luca Bruni.');
    assert.match(shown.letter.text, /Parteciperà anche: Luca Bruni\./);
    assert.match((await desk.get(`${path}/conferma?inizio=${times[0].start}`)).text, />Parteciperà anche: Luca Bruni\.<\/textarea>/);
  });

  test('the decision goes on from there: practice and time as confirmed', async () => {
    const { request, times } = await page();
    const answer = await desk.post(`${path}/conferma`, { inizio: times[0].start, versione: request.version, testo: '' }, path);
    assert.equal(answer.status, 303);
    const letter = await demo.letter(anna, /Videochiamata confermata/);
    assert.match(letter.text, /PdC 41\/2026/);
    assert.match(letter.text, /09:40/);
    assert.doesNotMatch(letter.text, /Bruni/, 'the officer left no words there');
  });

  test('times of a later message are marked there, and nothing was said of them yet', async () => {
    const receipt = await demo.letter(anna, /Videochiamata confermata/);
    const later = mail(anna, `Re: ${receipt.subject}`, 'Purtroppo non posso più: si può spostare a giovedì 3 dicembre alle 11?\n\nAnna Rossi',
      [`In-Reply-To: ${receipt.messageId}`]);
    assert.equal(await demo.deliver(later), 0);
    const shown = await until(async () => {
      const now = await page();
      return now.thread.filter((entry) => entry.is_in).length === 2 ? now : null;
    }, 'the second message');
    const wishes = shown.proposals.items.filter((item) => item.kind === 'wish');
    assert.deepEqual(wishes.map((item) => [item.value.slice(0, 16), item.verdict]), [['2026-12-03 11:00', 'open']]);
    const [newest, first] = shown.thread.filter((entry) => entry.is_in);
    const numbers = (entry) => entry.blocks.flatMap((block) => block.pieces).filter((piece) => piece.n).map((piece) => piece.n);
    assert.deepEqual(numbers(newest), [wishes[0].n]);
    assert.ok(!numbers(first).includes(wishes[0].n));
    assert.ok(numbers(first).includes(shown.proposals.items.find((item) => item.value === 'PdC 41/2026').n));
    assert.deepEqual(verdicts().filter((line) => line.startsWith('wish')), []);
  });
});

test('of a phone call the note is marked, and no mail that follows it', async () => {
  const demo = await Demo.start({ now: monday });
  try {
    const desk = await new Client(demo.url).login();
    const made = await desk.post('/scrivania/nuova', { nome: 'Anna Rossi', telefono: '045 5550134', email: anna, testo: 'Chiede una videochiamata per la CILA 12/2026, giovedì mattina.' });
    const path = made.location;
    const marks = (pieces) => pieces.filter((piece) => piece.is_marked).map((piece) => piece.text);
    assert.deepEqual(marks((await desk.json(path)).note.pieces), ['CILA 12/2026', 'giovedì mattina']);
    const code = path.split('/').pop();
    assert.equal(await demo.deliver(mail(anna, `Codice [${code}]`, 'Vi scrivo ancora io, con tante altre parole che qui non dicono niente di nuovo.\n\nAnna Rossi')), 0);
    const shown = await until(async () => {
      const now = await desk.json(path);
      return now.has_message ? now : null;
    }, 'the mail');
    assert.deepEqual(marks(shown.thread.find((entry) => entry.is_in).blocks.flatMap((block) => block.pieces)), []);
  } finally {
    await demo.stop();
  }
});

test('a colleague\'s phone is not that of the citizen whose message they passed on', async () => {
  const demo = await Demo.start({ now: monday });
  try {
    const desk = await new Client(demo.url).login();
    const passed = Buffer.from([
      'From: Ufficio Protocollo <protocollo@comune.esempio.example>', 'To: appuntamentiedilizia@comune.esempio.example', 'Subject: I: CILA 12/2026',
      'Date: Mon, 23 Nov 2026 08:30:00 +0100', 'Message-ID: <inoltro@comune.esempio.example>', 'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '',
      'Per competenza.', '', '-----Messaggio originale-----', 'Da: Anna Rossi <anna.rossi@posta.example>', 'Inviato: lunedì 23 novembre 2026 08:00',
      'A: protocollo@comune.esempio.example', 'Oggetto: CILA 12/2026', '',
      'Buongiorno, vorrei una videochiamata per la CILA 12/2026. Il mio telefono è 347 5550198.', '', 'Anna Rossi', ''].join('\r\n'));
    assert.equal(await demo.deliver(passed), 0);
    const [row] = await until(async () => {
      const { rows } = await desk.json('/scrivania');
      return rows.length ? rows : null;
    }, 'the request');
    const path = `/scrivania/r/${row.code}`;
    const { proposals } = await desk.json(path);
    assert.equal(proposals.writer?.name, 'Anna Rossi');
    assert.equal((await desk.post(`${path}/proposte`, { kind: 'phone', value: '+393475550198', verdict: 'confirmed' }, path)).status, 303);
    const shown = await desk.json(path);
    assert.equal(shown.proposals.items.find((item) => item.kind === 'phone').verdict, 'confirmed');
    assert.equal(shown.request.person.phone, null);
  } finally {
    await demo.stop();
  }
});

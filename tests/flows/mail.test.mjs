// Mail: every way in, which thread it belongs to, what is never answered, and a server that is killed in the middle.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, mkdtempSync, openSync, readdirSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, pause, sample, samples, until } from './lib/server.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const office = 'appuntamentiedilizia@comune.esempio.example';
const codeIn = (text) => /EDI-\w{4}-\w{2}/.exec(text)[0];

/** A plain message; headers: more of them, or others than the usual. */
let made = 0;
function mail({ from = `Ada Prova <prova${made}@studio.example>`, subject = 'Prova', text = 'Buongiorno, vorrei un appuntamento per la SCIA 77/2026.', ...headers } = {}) {
  made += 1;
  const all = { 'Date': 'Fri, 20 Nov 2026 17:30:00 +0100', 'From': from, 'To': office, 'Subject': subject, 'Message-ID': `<mail-${made}@studio.example>`, ...headers };
  return Buffer.from(`${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}\r\n`);
}

const drop = (server, name, bytes) => {
  const incoming = join(server.folder, 'mail/incoming');
  writeFileSync(join(incoming, 'tmp', name), bytes);
  renameSync(join(incoming, 'tmp', name), join(incoming, 'new', name));
};
const incoming = (server, part) => readdirSync(join(server.folder, 'mail/incoming', part)).sort();

/** All requests, whatever became of them: [{code, subject}]. */
const requests = (server) => server.rows('SELECT code, subject FROM request ORDER BY received_at, id').map(([code, subject]) => ({ code, subject }));
/** All that arrived has been filed. */
const filed = (server, count) => until(() => {
  const [[all, waiting]] = server.rows("SELECT count(*), count(*) FILTER (WHERE state = 'stored') FROM message");
  return Number(all) === count && waiting === '0';
}, () => `${count} messages to be filed: ${server.rows('SELECT state, count(*) FROM message GROUP BY state').join(' ')}`, 40);

describe('the Maildir', () => {
  let demo;
  before(async () => { demo = await Demo.start({ now: friday }); });
  after(() => demo.stop());

  test('a file dropped into new becomes a request with a receipt, and moves to cur', async () => {
    drop(demo, '1763.M1P1.mx', mail({ from: 'Ugo <ugo@studio.example>', subject: 'Dal Maildir' }));
    const receipt = await demo.letter('ugo@studio.example', /EDI-/);
    assert.deepEqual(requests(demo), [{ code: codeIn(receipt.subject), subject: 'Dal Maildir' }]);
    await until(() => incoming(demo, 'cur').length === 1, 'the file in cur');
    assert.deepEqual(incoming(demo, 'cur'), ['1763.M1P1.mx:2,S']);
    assert.deepEqual(incoming(demo, 'new'), []);
  });

  test('the same message by Maildir and by deliver is one request, also over two routes', async () => {
    const bytes = mail({ from: 'Ida <ida@studio.example>', subject: 'Due volte' });
    const known = requests(demo).length;
    drop(demo, '1763.M2P1.mx', bytes);
    assert.equal(await demo.deliver(bytes), 0);
    assert.equal(await demo.deliver(Buffer.concat([Buffer.from('Received: from mx2.example by mail.comune.esempio.example; Fri, 20 Nov 2026 17:31:00 +0100\r\n'), bytes])), 0);
    drop(demo, '1763.M3P1.mx', bytes);
    await until(() => incoming(demo, 'new').length === 0, 'an empty new');
    await filed(demo, 2); // it and the one before: all ways lead to one row
    assert.deepEqual(requests(demo).slice(known).map((one) => one.subject), ['Due volte']);
    assert.equal((await demo.letters()).filter((l) => l.to[0].address === 'ida@studio.example').length, 1, 'one receipt');
  });

  test('a file that is written in place is taken when it is whole', async () => {
    const bytes = mail({ subject: 'Scritto piano', text: `Inizio.\r\n${'riga di testo\r\n'.repeat(2000)}Fine.` });
    const path = join(demo.folder, 'mail/incoming/new/copiato-a-mano');
    const file = openSync(path, 'wx');
    for (let i = 0; i < 4; i += 1) {
      writeSync(file, bytes.subarray(Math.floor(bytes.length * i / 4), Math.floor(bytes.length * (i + 1) / 4)));
      await pause(150);
    }
    closeSync(file);
    await until(() => requests(demo).some((one) => one.subject === 'Scritto piano'), 'the request');
    assert.deepEqual(demo.rows("SELECT size FROM message WHERE subject = 'Scritto piano'"), [[String(bytes.length)]]);
  });

  test('what is no message is not taken, and holds nobody up', async () => {
    const fresh = join(demo.folder, 'mail/incoming/new');
    writeFileSync(join(fresh, '.hidden'), 'x');
    writeFileSync(join(demo.folder, 'elsewhere.eml'), mail({ subject: 'Altrove' }));
    linkSync(join(demo.folder, 'elsewhere.eml'), join(fresh, 'linked')); // as qmail does
    drop(demo, 'afterwards', mail({ subject: 'Dopo' }));
    await until(() => requests(demo).filter((one) => /Altrove|Dopo/.test(one.subject)).length === 2, 'both');
    assert.deepEqual(incoming(demo, 'new'), ['.hidden']);
  });
});

describe('the thread', () => {
  let demo;
  let desk;
  before(async () => {
    demo = await Demo.start({ now: friday, environment: { SPORTELLO_MAIL_HOLD_S: '0' } });
    desk = await new Client(demo.url).login();
  });
  after(() => demo.stop());

  /** A request of somebody: {from, code, token, receipt}. */
  async function begin(name) {
    const from = `${name}@studio.example`;
    assert.equal(await demo.deliver(mail({ from: `${name} <${from}>`, subject: `Richiesta di ${name}` })), 0);
    const receipt = await demo.letter(from, /EDI-/);
    return { from, code: codeIn(receipt.subject), token: /\/p\/(\w{26})/.exec(receipt.text)[1], receipt };
  }

  const shown = (code) => desk.json(`/scrivania/r/${code}`);
  const heard = async (code) => (await shown(code)).thread.filter((entry) => entry.is_in).map((entry) => entry.subject);

  /** Delivers, and answers with the requests that are new. */
  async function arrives(bytes) {
    const known = requests(demo).map((one) => one.code);
    const [[count]] = demo.rows('SELECT count(*) FROM message');
    assert.equal(await demo.deliver(bytes), 0);
    await filed(demo, Number(count) + 1);
    return requests(demo).filter((one) => !known.includes(one.code));
  }

  test('a reply to our letter lands in it, whoever of the studio writes it', async () => {
    const { code, receipt } = await begin('elena');
    assert.deepEqual(await arrives(mail({ from: 'Socio <socio@altrostudio.example>', subject: 'Re: ecco', 'In-Reply-To': receipt.messageId })), []);
    assert.deepEqual(await arrives(mail({ from: 'elena@casa.example', subject: 'Re: anche questo', References: `<altro@x.example> ${receipt.messageId}` })), []);
    assert.deepEqual(await heard(code), ['Re: anche questo', 'Re: ecco', 'Richiesta di elena']);
    assert.equal((await demo.letters()).filter((l) => l.text.includes(code)).length, 1, 'replies get no second receipt');
  });

  test('a tag of the address, a code with its sender: in; a code and a tag by a stranger: a request of its own', async () => {
    const { code, token, from, receipt } = await begin('franco');
    const [mailbox, domain] = office.split('@');
    const tagged_address = receipt.replyTo[0].address;
    assert.match(tagged_address, new RegExp(`^${mailbox}\\+r-${code.toLowerCase()}\\.[0-9a-z]{13}@${domain}$`));
    assert.deepEqual(await arrives(mail({ from: 'chiunque@altrove.example', subject: 'con il segno', To: tagged_address })), []);
    assert.deepEqual(await arrives(mail({ from: `Franco <${from.toUpperCase()}>`, subject: `R: [${code}] la tavola` })), []);
    assert.deepEqual(await heard(code), [`R: [${code}] la tavola`, 'con il segno', 'Richiesta di franco']);
    const [stranger] = await arrives(mail({ from: 'estraneo@altrove.example', subject: `Re: [${code}] che cosa gli avete scritto?` }));
    assert.ok(stranger && stranger.code !== code);
    const [tagged] = await arrives(mail({ from: 'estraneo2@altrove.example', subject: 'domanda', To: `${mailbox}+${code}@${domain}` }));
    assert.ok(tagged && tagged.code !== code);
    const forged = tagged_address.replace(/.@/, (end) => (end[0] === '0' ? '1@' : '0@'));
    for (const To of [forged, `${mailbox}+${token}@${domain}`]) assert.equal((await arrives(mail({ from: 'estraneo3@altrove.example', subject: 'a caso', To }))).length, 1, 'neither a guess nor the secret of a page is a tag');
    assert.equal((await heard(code)).length, 3);
    assert.doesNotMatch(JSON.stringify((await demo.letters()).filter((l) => /estraneo/.test(l.to[0].address)).map((l) => l.text)), /franco/i, 'nothing of the other request is told');
  });

  test('somebody else\'s Message-ID is no key', async () => {
    const { code, from } = await begin('gina');
    const [[id]] = demo.rows(`SELECT message_id FROM message WHERE from_email = '${from}'`);
    const [stranger] = await arrives(mail({ from: 'curioso@altrove.example', subject: 'Re: la tua richiesta', 'In-Reply-To': `<${id}>` }));
    assert.ok(stranger && stranger.code !== code);
    assert.deepEqual(await arrives(mail({ from: `Gina <${from}>`, subject: 'dimenticavo', 'In-Reply-To': `<${id}>` })), []);
    assert.deepEqual(await heard(code), ['dimenticavo', 'Richiesta di gina']);
  });

  test('an out-of-office answer to our letter shows in its thread and among the other mail, and gets no answer', async () => {
    const { code, receipt, from } = await begin('ivo');
    const letters = (await demo.letters()).length;
    const reply = mail({ from: `Ivo <${from}>`, subject: 'Risposta automatica: assente', 'Auto-Submitted': 'auto-replied', 'In-Reply-To': receipt.messageId, text: 'Sono assente fino al 7 dicembre.' });
    assert.deepEqual(await arrives(reply), []);
    const [entry] = (await shown(code)).thread;
    assert.equal(entry.is_auto_reply, true);
    const other = (await desk.json('/scrivania/altra-posta')).messages.find((one) => one.request_code === code);
    assert.equal(other.reason, 'auto_reply');
    assert.equal((await shown(code)).request.state, 'new');
    await pause(500);
    assert.equal((await demo.letters()).length, letters);
  });

  test('a bounce marks its letter as not delivered: in the thread, on the desk', async () => {
    const { code, receipt, from } = await begin('lia');
    const bounce = sample('10-mancato-recapito-dsn.eml').toString('latin1').replace('<conf-000125@sportello.comune.esempio.example>', receipt.messageId)
      .replaceAll('giulia.montresr@archstudio.example', from).replace('<dsn10@', '<dsn-lia@');
    assert.deepEqual(await arrives(Buffer.from(bounce, 'latin1')), []);
    const { thread } = await shown(code);
    assert.equal(thread.find((entry) => entry.is_in && entry.is_bounce)?.is_bounce, true);
    const letter = thread.find((entry) => entry.is_out);
    assert.deepEqual([letter.is_failed, letter.error], [true, '5.1.1']);
    const list = await desk.json('/scrivania?elenco=non-consegnate');
    assert.deepEqual(list.rows.map((row) => row.code), [code]);
    assert.equal(list.counts.undelivered, 1);
    assert.match((await desk.get(`/scrivania/r/${code}`)).text, /non consegnata/);
    const delayed = bounce.replace('Action: failed', 'Action: delayed').replace('Status: 5.1.1', 'Status: 4.4.1').replace('<dsn-lia@', '<dsn-mia@');
    const other = await begin('mia');
    assert.deepEqual(await arrives(Buffer.from(delayed.replace(receipt.messageId, other.receipt.messageId), 'latin1')), []);
    assert.deepEqual((await desk.json('/scrivania?elenco=non-consegnate')).rows.map((row) => row.code), [code], 'one that is only late has not failed');
  });

  test('who writes again after the answer is to be evaluated again', async () => {
    const { code, receipt } = await begin('nino');
    const page = `/scrivania/r/${code}`;
    const answered = await desk.post(`${page}/rispondi`, { testo: 'Basta la planimetria.', versione: 0 }, page);
    assert.equal(answered.status, 303, answered.text.slice(0, 400));
    assert.equal((await shown(code)).request.state, 'answered');
    assert.deepEqual(await arrives(mail({ from: 'nino@studio.example', subject: 'Re: e la relazione?', 'In-Reply-To': receipt.messageId })), []);
    const { request } = await shown(code);
    assert.equal(request.state, 'new');
    assert.ok((await desk.json('/scrivania')).rows.some((row) => row.code === code));
  });

  test('a document comes back byte for byte, as a download; a program does not', async () => {
    const bytes = randomBytes(70000);
    const part = (type, name, content) => `--x\r\nContent-Type: ${type}; name="${name}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${content.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`;
    const text = `--x\r\nContent-Type: text/plain\r\n\r\nIn allegato le tavole della SCIA 9/2026.\r\n${part('application/pdf', 'Tavola 1.pdf', bytes)}${part('text/html', 'pagina.html', Buffer.from('<script>alert(1)</script>'))}${part('application/pdf', '../../etc/passwd.pdf', Buffer.from('x'))}${part('application/octet-stream', 'tavola.pdf.exe', Buffer.from('MZ'))}--x--`;
    const [{ code }] = await arrives(mail({ from: 'olga@studio.example', subject: 'Tavole', 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary=x', text }));
    const { attachments } = (await shown(code)).thread.find((entry) => entry.is_in);
    const one = (pattern) => attachments.find((attachment) => pattern.test(attachment.name));
    const answer = await fetch(demo.url + one(/Tavola 1/).url, { headers: { Cookie: [...desk.cookies].map((pair) => pair.join('=')).join('; ') } });
    assert.equal(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes), 0);
    assert.equal(answer.headers.get('content-type'), 'application/pdf');
    const page = await desk.get(one(/pagina/)?.url ?? '/nulla');
    if (page.status === 200) assert.equal(page.headers.get('content-type'), 'application/octet-stream');
    for (const { headers } of [answer, page]) {
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      if (headers.get('content-disposition')) assert.match(headers.get('content-disposition'), /^attachment;/);
    }
    assert.match(answer.headers.get('content-disposition'), /filename\*=UTF-8''Tavola%201\.pdf/);
    for (const { name } of attachments) assert.doesNotMatch(name, /[/\\]|\.\./);
    assert.deepEqual([one(/exe/).is_quarantined, one(/exe/).url], [true, undefined]);
    const [[id]] = demo.rows("SELECT id FROM attachment WHERE name LIKE '%exe%'");
    assert.equal((await desk.get(`/scrivania/r/${code}/allegato/${id}`)).status, 404);
  });

  test('automatic senders get no letter', async () => {
    const known = (await demo.letters()).length;
    const automatic = [
      { 'Auto-Submitted': 'auto-generated' }, { 'Auto-Submitted': 'auto-replied' }, { Precedence: 'bulk' }, { Precedence: 'list' }, { 'List-Id': '<lista.ditta.example>' },
      { 'List-Unsubscribe': '<https://ditta.example/u>' }, { 'Return-Path': '<>' }, { 'X-Autoreply': 'yes' },
      { from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.example>' }, { from: `Noi stessi <${office}>` }, { from: 'Nessuna risposta <no-reply@ditta.example>' },
    ];
    for (const headers of automatic) await arrives(mail({ subject: `Automatico ${JSON.stringify(headers)}`.replace(/[<>"]/g, ''), ...headers }));
    await pause(500);
    assert.deepEqual((await demo.letters()).slice(known).map((l) => `${l.to[0].address} ${l.subject}`), []);
  });

  test('two machines that answer each other stop after three receipts in an hour', async () => {
    for (let i = 0; i < 5; i += 1) assert.equal((await arrives(mail({ from: 'robot@ditta.example', subject: `Messaggio numero ${i}` }))).length, 1, 'each is a request');
    await pause(500);
    assert.equal((await demo.letters()).filter((l) => l.to[0].address === 'robot@ditta.example').length, 3);
    assert.equal((await arrives(mail({ from: 'persona@ditta.example', subject: 'Sono una persona' }))).length, 1);
    await demo.letter('persona@ditta.example', /EDI-/);
  });
});

describe('two installations that write to each other', () => {
  /** Hands the letters that `from` has sent since to `to`, as from another comune; how many. */
  const relay = async (from, to, mangle) => {
    const sent = (await from.letters()).slice(from.relayed);
    from.relayed += sent.length;
    for (const { raw } of sent) {
      const other = raw.replaceAll('comune.esempio.example', 'X').replaceAll('comune.altro.example', 'comune.esempio.example').replaceAll('X', 'comune.altro.example');
      assert.equal(await to.deliver(Buffer.from(mangle(other))), 0);
    }
    await until(() => to.rows("SELECT count(*) FROM message WHERE state = 'stored'")[0][0] === '0', 'all filed');
    await until(() => to.rows("SELECT count(*) FROM letter WHERE state <> 'sent'")[0][0] === '0', 'all sent');
    return sent.length;
  };
  const drop = (raw, ...names) => names.reduce((text, name) => text.replace(new RegExp(`^${name}:.*\\r?\\n([ \\t].*\\r?\\n)*`, 'gim'), ''), raw);

  for (const [how, mangle, most] of [
    ['stop at the first receipt', (raw) => raw, [1, 0]],
    ['stop after three letters when nothing says that they are machines, nor what they answer', (raw) => drop(raw, 'Auto-Submitted', 'X-Auto-Response-Suppress', 'Precedence', 'In-Reply-To', 'References').replace(/\+[^@\s]+@/g, '@').replace(/EDI-\w{4}-\w{2}/g, 'EDI').replace(/^Subject:.*\r?\n([ \t].*\r?\n)*/m, 'Subject: Un saluto\r\n'), [3, 3]],
  ]) {
    test(how, async () => {
      const [one, two] = [await Demo.start({ now: friday }), await Demo.start({ now: friday })];
      try {
        one.relayed = two.relayed = 0;
        assert.equal(await one.deliver(mail({ from: 'Sportello <appuntamentiedilizia@comune.altro.example>', subject: 'Richiesta di parere' })), 0);
        await one.letter('appuntamentiedilizia@comune.altro.example', /EDI-/);
        for (let round = 0; round < 20; round += 1) if (await relay(one, two, mangle) + await relay(two, one, mangle) === 0) break;
        assert.deepEqual([one, two].map((server) => Number(server.rows('SELECT count(*) FROM letter')[0][0])), most);
      } finally {
        await Promise.all([one.stop(), two.stop()]);
      }
    });
  }
});

describe('the samples, with the letters they refer to', () => {
  let demo;
  let desk;
  before(async () => {
    demo = await Demo.start({ now: friday, environment: { SPORTELLO_MAIL_HOLD_S: '1' } });
    desk = await new Client(demo.url).login();
  });
  after(() => demo.stop());

  const names = readdirSync(samples).filter((name) => name.endsWith('.eml')).sort();
  const number = (name) => name.slice(0, 2);
  const codes = {};
  const requestOf = (name) => demo.rows(`SELECT r.code FROM request r JOIN message m ON m.request_id = r.id WHERE m.message_id = '${name}'`)[0]?.[0];
  /** What the sample calls our letter: the identifier is ours to choose only by writing it. */
  const call = (code, kind, id) => demo.rows(`UPDATE letter SET message_id = '${id}' WHERE kind = '${kind}' AND request_id = (SELECT id FROM request WHERE code = '${code}')`);

  test('thirteen of them are here', () => assert.equal(names.length, 13));

  test('seven are requests, each with its receipt', async () => {
    for (const name of names.filter((one) => ['01', '03', '05', '11', '13', '14', '15'].includes(number(one)))) assert.equal(await demo.deliver(sample(name)), 0);
    assert.equal(await demo.deliver(mail({ from: 'Paolo Righetti <p.righetti@righettiassociati.example>', subject: 'Sanatoria', 'Message-ID': '<righetti@righettiassociati.example>' })), 0);
    await filed(demo, 8);
    assert.equal(requests(demo).length, 8);
    await until(async () => (await demo.letters()).length === 8, 'eight receipts');
    for (const [who, id] of Object.entries({ zanolli: 'a01@studiozanolli.example', montresor: 'a03@archstudio.example', righetti: 'righetti@righettiassociati.example' })) codes[who] = requestOf(id);
    const { rows } = await desk.json('/scrivania');
    codes.bonomi = rows.find((row) => row.is_pec).code;
    assert.equal((await desk.json('/scrivania')).counts.to_decide, 8);
  });

  test('the office confirms, then its letters are answered', async () => {
    const times = { zanolli: at('11-26T09:00'), montresor: at('12-01T15:40'), righetti: at('11-26T09:20'), bonomi: at('11-26T10:00') };
    for (const [who, when] of Object.entries(times)) {
      const answer = await desk.post(`/scrivania/r/${codes[who]}/conferma`, { inizio: when, versione: 0 }, `/scrivania/r/${codes[who]}`);
      assert.equal(answer.status, 303, answer.text.slice(0, 400));
    }
    await until(async () => (await demo.letters()).length === 12, 'four confirmations', 40);
    call(codes.zanolli, 'confirmation', 'prom-000119@sportello.comune.esempio.example');
    call(codes.montresor, 'confirmation', 'conf-000123@sportello.comune.esempio.example');
    call(codes.montresor, 'receipt', 'conf-000125@sportello.comune.esempio.example');
    call(codes.righetti, 'confirmation', 'conf-000121@sportello.comune.esempio.example');
    call(codes.bonomi, 'confirmation', 'conf-000130@sportello.comune.esempio.example');
    demo.rows(`UPDATE appointment SET uid = 'spo-2026-000118@sportello.comune.esempio.example' WHERE request_id = (SELECT id FROM request WHERE code = '${codes.righetti}')`);
    for (const name of names.filter((one) => ['07', '08', '09', '10', '20', '23'].includes(number(one)))) assert.equal(await demo.deliver(sample(name)), 0);
    await filed(demo, 14);
    assert.equal(requests(demo).length, 8, 'none of them is a request of its own');
  });

  test('a move asked for by mail decides nothing, and shows on the desk with the new time', async () => {
    const page = await desk.json(`/scrivania/r/${codes.montresor}`);
    assert.deepEqual([page.request.state, page.appointment.state], ['booked', 'booked']);
    assert.ok((await desk.json('/scrivania?elenco=da-leggere')).rows.some((row) => row.code === codes.montresor), 'it is to be read');
    const [[reading]] = demo.rows(`SELECT reading FROM request WHERE code = '${codes.montresor}'`);
    assert.deepEqual(JSON.parse(reading).preferences.map(({ date, from }) => [date, from]), [['2026-12-03', '09:00']]);
  });

  test('a final cancellation by the requester, in answer to our letter, is carried out and can be taken back', async () => {
    const page = await desk.json(`/scrivania/r/${codes.zanolli}`);
    assert.deepEqual([page.request.state, page.appointment.state, page.appointment.by_citizen], ['closed', 'cancelled', true]);
    assert.match(page.appointment.cancelled_reason, /il cliente ha rinunciato/);
    const letter = await demo.letter('m.zanolli@studiozanolli.example', /annullat/i);
    assert.match(letter.raw, /method=CANCEL/);
    const [, token] = /\/p\/(\w{26})/.exec(letter.text);
    const citizen = new Client(demo.url);
    const restored = await citizen.post(`/p/${token}/ripristina`, {}, `/p/${token}`);
    assert.equal(restored.status, 303, restored.text.slice(0, 300));
    assert.equal((await desk.json(`/scrivania/r/${codes.zanolli}`)).appointment.state, 'booked');
  });

  test('a refused invitation stands beside the appointment, and its sender is asked once', async () => {
    const page = await desk.json(`/scrivania/r/${codes.righetti}`);
    assert.deepEqual([page.request.state, page.appointment.state], ['booked', 'booked']);
    assert.deepEqual(page.appointment.answers.map((one) => [one.name, one.is_declined]), [['Paolo Righetti', true]]);
    assert.match((await desk.get(`/scrivania/r/${codes.righetti}`)).text, /Paolo Righetti: ha rifiutato l(&apos;|')invito/);
    const letter = await demo.letter('p.righetti@righettiassociati.example', /Vuole annullare/);
    assert.equal(letter.header('auto-submitted'), 'auto-replied');
    assert.match(letter.text, /\/p\/\w{26}\/annulla/);
  });

  test('out-of-office, refusal of the invitation, bounce and PEC receipt stand in their threads', async () => {
    const marks = { righetti: ['is_calendar_reply', 'is_auto_reply'], montresor: ['is_bounce'], bonomi: ['is_receipt'] };
    for (const [who, wanted] of Object.entries(marks)) {
      const { thread } = await desk.json(`/scrivania/r/${codes[who]}`);
      for (const mark of wanted) assert.equal(thread.filter((entry) => entry[mark]).length, 1, `${who}: ${mark}`);
    }
    assert.deepEqual((await desk.json('/scrivania?elenco=non-consegnate')).rows.map((row) => row.code), [codes.montresor]);
    const reasons = (await desk.json('/scrivania/altra-posta')).messages.map((one) => [one.reason, one.request_code]).sort();
    assert.deepEqual(reasons, [['auto_reply', codes.righetti], ['bounce', codes.montresor], ['pec_receipt', codes.bonomi]].sort());
    assert.ok((await desk.json('/scrivania?elenco=da-leggere')).rows.some((row) => row.code === codes.righetti), 'a refusal must be seen');
    await pause(500);
    const kinds = demo.rows("SELECT kind, count(*) FROM letter WHERE kind NOT IN ('receipt', 'confirmation') GROUP BY kind ORDER BY kind");
    assert.deepEqual(kinds, [['ask_cancel', '1'], ['cancelled', '1'], ['restored', '1']], 'nothing else was answered');
  });
});

describe('deliver', () => {
  test('goes through the server while it runs, and straight into the store while it does not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-deliver-'));
    try {
      let demo = await Demo.start({ folder, now: friday });
      assert.equal(await demo.deliver(mail({ subject: 'Mentre gira' })), 0);
      await filed(demo, 1);
      assert.match(demo.log, /event=message_stored .* by=deliver/);
      assert.equal(await demo.deliver(mail({ subject: 'A nessuno' }), 'anagrafe'), 67);
      assert.equal(await demo.stop(), 0);
      assert.equal(await demo.deliver(mail({ subject: 'Mentre è fermo' })), 0);
      assert.equal(await demo.deliver(mail({ subject: 'A nessuno' }), 'anagrafe'), 67);
      assert.deepEqual(demo.rows('SELECT state FROM message ORDER BY id').flat(), ['read', 'stored']);
      demo = await Demo.start({ folder, now: friday });
      await filed(demo, 2);
      assert.deepEqual(requests(demo).map((one) => one.subject), ['Mentre gira', 'Mentre è fermo']);
      await until(async () => (await demo.letters()).length === 2, 'both receipts');
      assert.doesNotMatch(demo.log, /by=deliver/);
      await demo.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a client that is killed halfway leaves nothing behind, many at once are all stored', async () => {
    const demo = await Demo.start({ now: friday });
    const { connect } = await import('node:net');
    const half = connect(join(demo.folder, 'sportello.socket'));
    half.write(`edilizia\n${mail({ subject: 'A metà' }).toString().slice(0, 80)}`);
    await pause(200);
    half.destroy();
    const codes = await Promise.all(Array.from({ length: 24 }, (_, i) => demo.deliver(mail({ subject: `Insieme ${i}` }))));
    assert.deepEqual([...new Set(codes)], [0]);
    await filed(demo, 24);
    assert.equal(new Set(requests(demo).map((one) => one.subject)).size, 24);
    await demo.stop();
  });
});

describe('a server that is killed', () => {
  test('twenty times, wherever it stands: no request twice, none lost, one receipt each, each letter one file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-kill-'));
    const rounds = 20;
    const each = 4; // by deliver; one more by the Maildir
    const again = []; // what the MTA has kept
    let sent = 0;
    const write = () => {
      sent += 1;
      return mail({ from: `Persona ${sent} <persona${sent}@kill.example>`, subject: `Colpo ${sent}`, text: `Buongiorno, pratica SCIA ${sent}/2026.\r\n${'riga\r\n'.repeat(500)}` });
    };
    const deliver = async (demo, bytes) => { if (await demo.deliver(bytes) !== 0) again.push(bytes); };
    /** What a mail program does with what it has seen. */
    const read = (demo) => {
      const outgoing = join(demo.folder, 'mail/outgoing');
      for (const name of readdirSync(join(outgoing, 'new'))) if (Math.random() < 0.5) renameSync(join(outgoing, 'new', name), join(outgoing, 'cur', `${name}:2,S`));
    };
    const after = [];
    try {
      let demo;
      for (let round = 0; round < rounds; round += 1) {
        demo = await Demo.start({ folder, now: friday });
        const work = [...again.splice(0), ...Array.from({ length: each }, write)].map((bytes) => deliver(demo, bytes));
        drop(demo, `kill-${round}`, write());
        const wait = Math.floor(Math.random() * 250);
        after.push(wait);
        await pause(wait);
        await demo.kill();
        await Promise.all(work);
        read(demo);
        if (round % 2) { // the MTA tries again before the server is back
          const kept = again.splice(0);
          await Promise.all(kept.map((bytes) => deliver(demo, bytes)));
        }
      }
      demo = await Demo.start({ folder, now: friday });
      const kept = again.splice(0);
      await Promise.all(kept.map((bytes) => deliver(demo, bytes)));
      assert.deepEqual(again, []);
      const when = `killed after ${after.join(', ')} ms`;
      await until(() => incoming(demo, 'new').length === 0, () => `an empty Maildir (${when}): ${incoming(demo, 'new')}`, 40);
      await filed(demo, sent);
      assert.equal(sent, rounds * (each + 1));
      const subjects = requests(demo).map((one) => one.subject);
      assert.equal(new Set(subjects).size, sent, `none is lost, ${when}`);
      assert.equal(subjects.length, sent, `none is there twice, ${when}`);
      assert.equal(incoming(demo, 'cur').length, rounds);
      await until(() => demo.rows("SELECT count(*) FROM letter WHERE state <> 'sent'")[0][0] === '0', 'all letters sent', 40);
      assert.deepEqual(demo.rows("SELECT count(*), count(DISTINCT request_id) FROM letter WHERE kind = 'receipt'"), [[String(sent), String(sent)]], when);
      const letters = await demo.letters();
      assert.equal(letters.length, sent, `each letter is one file, ${when}`);
      assert.equal(new Set(letters.map((letter) => letter.messageId)).size, sent);
      assert.ok(letters.every((letter) => letter.text.includes(codeIn(letter.subject)) && letter.html.includes('</html>')), 'whole ones');
      assert.deepEqual(demo.rows('PRAGMA integrity_check'), [['ok']]);
      assert.equal(await demo.stop(), 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('what it had answered is so: a confirmed call, its slot and its letter', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-kill-'));
    const environment = { SPORTELLO_MAIL_HOLD_S: '0' };
    const slots = ['09:00', '09:20', '09:40', '10:00', '10:20', '10:40', '11:00', '11:20'].map((time) => at(`11-24T${time}`));
    try {
      let demo = await Demo.start({ folder, now: friday, environment });
      for (const [index] of slots.entries()) assert.equal(await demo.deliver(mail({ from: `Persona ${index} <persona${index}@kill.example>`, subject: `Confermare ${index}` })), 0);
      await filed(demo, slots.length);
      const codes = requests(demo).map((one) => one.code);
      const promised = [];
      for (const [index, code] of codes.entries()) {
        const desk = await new Client(demo.url).login();
        const csrf = await desk.csrf(`/scrivania/r/${code}`);
        const asked = desk.post(`/scrivania/r/${code}/conferma`, { inizio: slots[index], versione: 0 }, null, { csrf }).then((answer) => answer.status, () => null);
        if (index % 2) await pause(Math.random() * 40); // somewhere in between
        const status = index % 2 ? null : await asked; // or just after the answer
        await demo.kill();
        if ((status ?? await asked) === 303) promised.push(code);
        demo = await Demo.start({ folder, now: friday, environment });
      }
      const booked = demo.rows("SELECT code FROM request WHERE state = 'booked'").flat();
      for (const code of promised) assert.ok(booked.includes(code), `${code} was confirmed, and is`);
      assert.ok(promised.length >= slots.length / 2);
      const count = String(booked.length);
      assert.deepEqual(demo.rows("SELECT count(*), count(DISTINCT request_id), count(DISTINCT starts_at) FROM appointment WHERE state = 'booked'"), [[count, count, count]]);
      await until(() => demo.rows("SELECT count(*) FROM letter WHERE state <> 'sent'")[0][0] === '0', 'all letters sent', 40);
      const letters = (await demo.letters()).filter((letter) => /Videochiamata confermata/.test(letter.subject));
      assert.deepEqual(letters.map((letter) => codeIn(letter.text)).sort(), [...booked].sort(), 'each has its letter, once');
      assert.equal(await demo.stop(), 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

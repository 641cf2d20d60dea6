// A mailbox of invented mail: `node bench/intake-mails.mjs FOLDER [COUNT [SEED]]` writes COUNT messages into FOLDER, the
// same for the same seed. The mixture is what a building office gets: words in several charsets and encodings, pages of
// HTML, drawings, certified mail, the answers of machines.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PEOPLE = 4000;
const POOL = 1 << 20; /* bytes that attachments are cut from */

/* mulberry32: small, and the same everywhere. */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return { next, below, one: (list) => list[below(list.length)], between: (a, b) => a + below(b - a + 1) };
}

const NAMES = ['Marta', 'Luca', 'Giulia', 'Pietro', 'Anna', 'Paolo', 'Ilaria', 'Nicolò', 'Jürgen', 'Käthe', 'James', 'Zoë'];
const SURNAMES = ['Bianchi', 'Rossi', 'Zanella', 'Dall\'Ò', 'Ferrari', 'Perazzoli', 'Müller', 'Weiß', 'Hofer', 'Smith', 'Cavallè'];
const WORDS = {
  it: ['Buongiorno, chiedo un appuntamento in videochiamata per la pratica SCIA {n}/2026.',
    'Potrei martedì mattina o giovedì dopo le 15:00; il mio telefono è 045 555 01{nn}.',
    'La richiesta riguarda il foglio 12, mappale {n}, di proprietà della signora, che è d\'accordo.',
    'Vorrei sapere perché il parere non è ancora arrivato e quale documentazione manca.',
    'Allego la planimetria aggiornata e la relazione tecnica del geometra.', 'Cordiali saluti, e grazie per la disponibilità.'],
  de: ['Guten Tag, ich bitte um einen Termin für ein Videogespräch zur Baumeldung {n}/2026.',
    'Möglich wäre es am Dienstagvormittag oder am Donnerstag nach 15 Uhr; Telefon 045 555 01{nn}.',
    'Es geht um die Überdachung der Terrasse, Blatt 12, Parzelle {n}.', 'Mit freundlichen Grüßen, und vielen Dank für die Mühe.'],
  en: ['Good morning, I would like to book a video call about building notice {n}/2026.',
    'Tuesday morning or Thursday after 3 pm would suit me; my phone is 045 555 01{nn}.',
    'I have attached the plans that your office asked for last month.', 'Kind regards, and thank you.'],
};
const SUBJECTS = { it: ['Richiesta di appuntamento', 'Pratica edilizia, chiarimenti', 'SCIA {n}/2026: documenti', 'Perché è sospesa?'],
  de: ['Bitte um einen Termin', 'Baumeldung {n}/2026', 'Frage zur Überdachung'], en: ['Appointment about our house', 'Building notice {n}/2026'] };

const LATIN = { 'iso-8859-15': 'latin1', 'iso-8859-1': 'latin1', 'windows-1252': 'latin1', 'utf-8': 'utf8' };
const wrap = (base64, width = 76) => base64.replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
const hexOf = (code) => `=${code.toString(16).toUpperCase().padStart(2, '0')}`;
const quotedLine = (line) => (line.replace(/[^\t\x20-<>-~]/g, (c) => hexOf(c.charCodeAt(0))).match(/(?:=[0-9A-F]{2}|[^=]){1,70}/g) ?? []).join('=\r\n');
const quoted = (bytes) => bytes.toString('latin1').split('\n').map(quotedLine).join('\r\n');
const encodedWord = (text, charset) => (/^[ -~]*$/.test(text) ? text : `=?${charset}?B?${Buffer.from(text, LATIN[charset]).toString('base64')}?=`);

/* One message at hand: who writes, in which language and charset. */
function writer(random, number) {
  const person = random.below(PEOPLE);
  const language = random.one(['it', 'it', 'it', 'it', 'de', 'de', 'en']);
  const charset = random.one(['utf-8', 'utf-8', 'utf-8', 'iso-8859-15', 'windows-1252', 'iso-8859-1']);
  const fill = (text) => text.replaceAll('{nn}', String(10 + person % 90)).replaceAll('{n}', String(1 + (person * 7 + number) % 900));
  const paragraphs = (n) => Array.from({ length: n }, () => fill(random.one(WORDS[language])));
  return {
    random, number, language, charset, paragraphs,
    name: `${NAMES[person % NAMES.length]} ${SURNAMES[person % SURNAMES.length]}`,
    address: `persona${person}@posta${person % 40}.example`,
    subject: fill(random.one(SUBJECTS[language])),
    boundary: `=_${number.toString(36)}_${random.below(1e9).toString(36)}`,
  };
}

function head(w, more = []) {
  const at = new Date(Date.UTC(2026, 10, 1) + w.number * 37000).toUTCString().replace('GMT', '+0000');
  return ['Return-Path: <' + w.address + '>',
    `Received: from mail.posta.example (mail.posta.example [192.0.2.${w.number % 250}])\r\n\tby mx.comune.example with ESMTPS id ${w.number.toString(36)}\r\n\tfor <ufficio1@comune.example>; ${at}`,
    `From: "${encodedWord(w.name, w.charset)}" <${w.address}>`, 'To: <ufficio1@comune.example>',
    `Subject: ${encodedWord(w.subject, w.charset)}`, `Date: ${at}`, `Message-ID: <${w.number}.${w.random.below(1e9)}@posta.example>`,
    'MIME-Version: 1.0', 'User-Agent: Posta di prova 1.0', ...more].join('\r\n');
}

/* --- parts: headers, an empty line, a body --------------------------------------------------------------- */

function textPart(w, text, type = 'plain', encoding = w.random.one(['quoted-printable', '8bit', 'base64'])) {
  const bytes = Buffer.from(text, LATIN[w.charset]);
  const body = encoding === '8bit' ? text.replaceAll('\n', '\r\n') : encoding === 'base64' ? wrap(bytes.toString('base64')) : quoted(bytes);
  return `Content-Type: text/${type}; charset=${w.charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
}

const words = (w, n = w.random.between(3, 12)) => `${w.paragraphs(n).join('\n\n')}\n\n${w.name}\n`;

function html(w, n) {
  const style = 'font-family:Arial,sans-serif;font-size:11pt;color:#222222;margin:0 0 12px 0';
  const rows = w.paragraphs(n).map((p) => `<tr><td style="${style}" class="MsoNormal"><p>${p}<br></p></td><td>&nbsp;</td></tr>`);
  return `<html><head><style>p{margin:0} .MsoNormal{${style}}</style></head><body>\n<table>\n${rows.join('\n')}\n</table>\n<p>${w.name}</p></body></html>\n`;
}

function attachment(w, pool, kilobytes) {
  const [name, type, magic] = w.random.one([['planimetria.pdf', 'application/pdf', '%PDF-1.4\n'], ['relazione tecnica.pdf', 'application/pdf', '%PDF-1.7\n'],
    ['foto.jpg', 'image/jpeg', '\xff\xd8\xff\xe0'], ['tavole.zip', 'application/zip', 'PK\x03\x04']]);
  const start = w.random.below(POOL - kilobytes * 1024);
  const bytes = Buffer.concat([Buffer.from(magic, 'latin1'), pool.subarray(start, start + kilobytes * 1024)]);
  return `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${wrap(bytes.toString('base64'))}\r\n`;
}

function multipart(w, subtype, parts, mark = '') {
  const boundary = w.boundary + mark;
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${parts.map((p) => `--${boundary}\r\n${p}`).join('')}--${boundary}--\r\n`;
}

const alternative = (w, n) => multipart(w, 'alternative', [textPart(w, words(w, n)), textPart(w, html(w, n), 'html')], 'a');

/* --- kinds ------------------------------------------------------------------------------------------------ */

const plain = (w) => `${head(w)}\r\n${textPart(w, words(w))}`;
const onlyHtml = (w) => `${head(w)}\r\n${textPart(w, html(w, w.random.between(20, 60)), 'html', w.random.one(['quoted-printable', 'base64']))}`;
const both = (w) => `${head(w)}\r\n${alternative(w, w.random.between(8, 30))}`;

function drawings(w, pool) {
  const some = Array.from({ length: w.random.between(1, 3) }, () => attachment(w, pool, w.random.between(20, 85)));
  const text = w.random.next() < 0.5 ? textPart(w, words(w)) : alternative(w, w.random.between(4, 10));
  return `${head(w)}\r\n${multipart(w, 'mixed', [text, ...some])}`;
}

function certified(w, pool) {
  const inner = w.random.next() < 0.6 ? drawings(w, pool) : plain(w);
  const id = `opec${w.number}.${w.random.below(1e9)}@gestore.example`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<postacert tipo="posta-certificata" errore="nessuno"><intestazione><mittente>${w.address}</mittente>`
    + `<destinatari tipo="certificato">ufficio1@comune.example</destinatari><oggetto>${w.subject}</oggetto></intestazione><dati><gestore-emittente>Gestore</gestore-emittente>`
    + `<data zona="+0100"><giorno>24/11/2026</giorno><ora>11:20:02</ora></data><identificativo>${id}</identificativo><msgid>&lt;${w.number}@posta.example&gt;</msgid></dati></postacert>\n`;
  const body = multipart(w, 'mixed', [
    multipart(w, 'alternative', [textPart(w, 'Messaggio di posta certificata\n'), textPart(w, '<html><body><p>Messaggio di posta certificata</p></body></html>\n', 'html')], 'c'),
    `Content-Type: application/xml; name="daticert.xml"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename="daticert.xml"\r\n\r\n${wrap(Buffer.from(xml).toString('base64'))}\r\n`,
    `Content-Type: message/rfc822; name="postacert.eml"\r\nContent-Disposition: inline; filename="postacert.eml"\r\n\r\n${inner}`], 'b');
  const signature = 'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n'
    + `Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n${wrap(pool.subarray(w.number, w.number + 4700).toString('base64'))}\r\n`;
  const envelope = { ...w, address: 'posta-certificata@gestore.example', name: `Per conto di: ${w.address}`, subject: `POSTA CERTIFICATA: ${w.subject}` };
  const trace = ['X-Trasporto: posta-certificata', `X-Riferimento-Message-ID: <${w.number}@posta.example>`, `Reply-To: ${w.address}`];
  if (w.random.next() < 0.5) return `${head(envelope, trace)}\r\n${body}`;
  return `${head(envelope, trace)}\r\n${multipart(w, 'signed; protocol="application/pkcs7-signature"; micalg=sha-256', [body, signature], 's')}`;
}

const away = (w) => `${head({ ...w, subject: `Risposta automatica: ${w.subject}` }, ['Auto-Submitted: auto-replied', 'X-Auto-Response-Suppress: All'])}\r\n${textPart(w, 'Sono assente fino a lunedì.\n')}`;

function bounce(w) {
  const report = `Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.posta.example\r\n\r\nFinal-Recipient: rfc822; ${w.address}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n`;
  const daemon = { ...w, address: 'mailer-daemon@mx.posta.example', name: 'Mail Delivery System', subject: 'Undelivered Mail Returned to Sender' };
  return `${head(daemon, ['Auto-Submitted: auto-replied'])}\r\n${multipart(w, 'report; report-type=delivery-status', [
    textPart(w, 'I\'m sorry to have to inform you that your message could not be delivered.\n'), report,
    `Content-Type: text/rfc822-headers\r\n\r\nFrom: ufficio1@comune.example\r\nTo: ${w.address}\r\nSubject: Ricevuta\r\nMessage-ID: <nessuna.${w.number}@sportello.example>\r\n\r\n`])}`;
}

const MIXTURE = [[0.27, plain], [0.11, onlyHtml], [0.17, both], [0.28, drawings], [0.10, certified], [0.04, away], [0.03, bounce]];

/* Returns { count, bytes, kinds }. */
export function makeMails(folder, count = 10000, seed = 1) {
  const random = dice(seed);
  const pool = Buffer.from(Uint32Array.from({ length: POOL / 4 }, () => Math.floor(random.next() * 2 ** 32)).buffer);
  const kinds = {};
  let bytes = 0;
  mkdirSync(folder, { recursive: true });
  for (let number = 1; number <= count; number++) {
    let at = random.next();
    const [, make] = MIXTURE.find(([share]) => (at -= share) < 0) ?? MIXTURE[0];
    const w = writer(random, number);
    const text = make(w, pool);
    const message = Buffer.from(text, LATIN[w.charset]);
    writeFileSync(join(folder, `${1790000000 + number}.M${number}.mx`), message);
    kinds[make.name] = (kinds[make.name] ?? 0) + 1;
    bytes += message.length;
  }
  return { count, bytes, kinds };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  console.log(makeMails(process.argv[2], Number(process.argv[3] ?? 10000), Number(process.argv[4] ?? 1)));

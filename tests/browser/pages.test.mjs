// Every page in its empty, filled and error state before the judges of lib/judge.mjs. The tests stand in the order of a
// week at the office: each leaves what the next one shows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../flows/lib/client.mjs';
import { officer, password, program, sample, until } from '../flows/lib/server.mjs';
import { Judge } from './lib/judge.mjs';
import { Office, linkIn, tuesdayAtTen } from './lib/office.mjs';
import { Person } from './lib/person.mjs';

const routesProgram = process.env.SPORTELLO_ROUTES ?? join(dirname(program), '../tests/print-routes');
const zanolli = 'm.zanolli@studiozanolli.example';
const judge = new Judge();
let office;
let desk; // the officer's browser
let citizen; // somebody who is not logged in

/** A test that does `action` and judges the page where it ends. */
const page = (name, who, action, options) =>
  test(name, () => judge.page(name, who(), typeof action === 'string' ? (one) => one.go(action) : action, options));
const atDesk = (name, action, options) => page(name, () => desk, action, options);
const asCitizen = (name, action, options) => page(name, () => citizen, action, options);

before(async () => {
  office = await Office.open();
  desk = await Person.open(office.url);
  citizen = await Person.open(office.url);
});
after(async () => {
  await desk?.close();
  await citizen?.close();
  await office?.close();
});

/** What the server answers to these bytes, however wrong they are. */
function rawAnswer(bytes) {
  return new Promise((done, failed) => {
    let text = '';
    const socket = connect(Number(new URL(office.url).port), '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (piece) => { text += piece; });
    socket.once('error', failed);
    socket.once('close', () => done({ status: Number(text.split(' ')[1]), text: text.slice(text.indexOf('\r\n\r\n') + 4) }));
  });
}

describe('before the first mail', () => {
  asCitizen('home', '/');
  asCitizen('office', '/ufficio/edilizia');
  asCitizen('free-times', '/prenota?servizio=1');
  asCitizen('privacy', '/privacy');
  asCitizen('accessibility', '/accessibilita');
  asCitizen('legal', '/note-legali');
  asCitizen('status-form', '/p');
  asCitizen('status-unknown', async (one) => {
    await one.go('/p');
    await one.submit({ code: 'EDI-7777-77' });
  }, { status: 422 });
  asCitizen('login', '/scrivania');
  asCitizen('login-empty', async (one) => { await one.go('/accedi'); await one.submit(); }, { status: 422 });
  asCitizen('login-wrong', async (one) => {
    await one.go('/accedi');
    await one.submit({ email: officer, password: 'sbagliata' });
  }, { status: 422 });
  asCitizen('login-too-often', async (one) => {
    const client = new Client(office.url);
    for (let tries = 0; tries < 6; tries += 1)
      await client.post('/accedi', { email: 'nessuno@comune.esempio.example', password: 'sbagliata' });
    await one.go('/accedi');
    await one.submit({ email: 'nessuno@comune.esempio.example', password: 'sbagliata' });
  }, { status: 429 });
  asCitizen('mail-of-the-demo-empty', '/posta-di-prova');
  asCitizen('mail-of-the-demo-sample', '/posta-di-prova?esempio=architetta');
  asCitizen('mail-of-the-demo-error', async (one) => {
    await one.go('/posta-di-prova');
    await one.submit();
  }, { status: 422 });
  atDesk('desk-empty', (one) => one.login());
  for (const list of ['chiamare', 'attesa', 'appuntamenti', 'risposte', 'non-consegnate', 'da-leggere'])
    atDesk(`desk-empty-${list}`, `/scrivania?elenco=${list}`);
  atDesk('search-empty', '/scrivania?cerca=nessuno');
  atDesk('other-mail-empty', '/scrivania/altra-posta');
  atDesk('phone-call-form', '/scrivania/nuova');
  atDesk('phone-call-error', async (one) => { await one.go('/scrivania/nuova'); await one.submit(); }, { status: 422 });
  atDesk('results-empty', '/risultati');
  atDesk('notices', '/scrivania/avvisi');
  atDesk('notices-saved', async (one) => { await one.go('/scrivania/avvisi'); await one.submit(); });
  atDesk('password', '/password');
  atDesk('password-error', async (one) => {
    await one.go('/password');
    await one.submit({ password: 'x', new_password: 'corta', repeated: 'altra' });
  }, { status: 422 });
});

describe('what cannot be shown', () => {
  asCitizen('problem-not-found', '/non-esiste', { status: 404 });
  asCitizen('problem-office-unknown', '/ufficio/nessuno', { status: 404 });
  asCitizen('problem-service-unknown', '/prenota?servizio=999', { status: 404 });
  asCitizen('problem-link-of-request', `/p/${'0'.repeat(26)}`, { status: 404 });
  asCitizen('problem-link-of-room', `/sala/${'0'.repeat(26)}`, { status: 404 });
  atDesk('problem-request-unknown', '/scrivania/r/EDI-7777-77', { status: 404 });
  asCitizen('problem-foreign-form', async (one) => {
    await one.go('/p');
    await one.submit({ code: 'EDI-7777-77', csrf: 'altrove' });
  }, { status: 403 });
  for (const [name, status, ask] of [
    ['problem-upload-elsewhere', 415, async () => {
      const client = new Client(office.url);
      const body = new FormData();
      body.set('csrf', await client.csrf('/p'));
      body.set('code', new Blob(['x']), 'file.txt');
      return client.ask('/p', { method: 'POST', body });
    }],
    ['problem-too-large', 413, async () => {
      const client = new Client(office.url);
      return client.ask('/p', { method: 'POST', body: 'x'.repeat(2 << 20), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    }],
    ['problem-malformed', 400, () => rawAnswer('GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n')],
  ]) {
    test(name, async () => {
      const answer = await ask();
      assert.equal(answer.status, status);
      assert.deepEqual(await judge.sourceMessages(name, answer.text), []);
    });
  }
  asCitizen('problem-too-often', async (one) => {
    const client = new Client(office.url);
    for (let tries = 0; tries < 11; tries += 1) await client.post('/p', { code: 'EDI-7777-77' });
    await one.go('/p');
    await one.submit({ code: 'EDI-7777-77' });
  }, { status: 429 });
});

describe('a desk with requests', () => {
  before(async () => {
    for (const name of ['01-chiara-geometra-scia', '03-architetta-alternative-allegati', '05-pec-busta-trasporto',
      '09-fuori-ufficio', '10-mancato-recapito-dsn', '11-tedesco-alto-adige', '13-accesso-atti', '14-domanda-semplice',
      '15-scarna-da-telefono', '20-pec-ricevuta-consegna'])
      assert.equal(await office.demo.deliver(sample(`${name}.eml`)), 0);
    await until(async () => (await office.officer.json('/scrivania')).counts.to_decide >= 6, 'the requests');
  });
  atDesk('desk-filled', '/scrivania');
  atDesk('desk-to-read', async (one) => {
    assert.equal(await office.demo.deliver(Buffer.from('From: \xff\xfe<<>\r\nContent-Type: multipart/mixed; boundary\r\n\r\n\0\x01', 'latin1')), 0);
    await until(async () => (await office.officer.json('/scrivania')).counts.to_read > 0, 'what cannot be understood');
    await one.go('/scrivania?elenco=da-leggere');
  });
  atDesk('search-found', '/scrivania?cerca=SCIA');
  for (const words of ['Montresor', 'giulia montresor', '87/2025']) // a name of nine letters could be a code
    test(`"${words}" is found`, async () =>
      assert.deepEqual((await office.officer.json(`/scrivania?cerca=${encodeURIComponent(words)}`)).rows.map((row) => row.practice), ['PdC 87/2025']));
  atDesk('other-mail', '/scrivania/altra-posta');
  atDesk('other-mail-one', async (one) => {
    await one.go('/scrivania/altra-posta');
    await one.follow('.desk-mail-subject a');
  });
  atDesk('phone-call-made', async (one) => {
    await one.go('/scrivania/nuova');
    await one.submit({ nome: 'Anna Rossi', telefono: '045 555 0199', testo: 'Chiede che documenti servono per una tettoia.' });
  });
  asCitizen('mail-of-the-demo-filled', '/posta-di-prova');
});

/** Everything about one request: its desk pages, then the citizen's. */
describe('a request before its decision', () => {
  let one;
  let other;
  before(async () => {
    const [row] = (await office.officer.json('/scrivania?cerca=214/2026')).rows;
    one = { code: row.code, own: linkIn(await office.demo.letter(zanolli, /EDI-/), 'p') };
    other = await office.request('l.verdi@studio.example', 'SCIA 99/2026');
    await office.book(other.code, tuesdayAtTen);
  });
  const at = (path, then) => async (person) => {
    await person.go(`/scrivania/r/${one.code}${path}`);
    await then?.(person);
  };
  const confirm = 'button[name=passo][value=conferma]';

  atDesk('request-new', at(''));
  atDesk('request-answered', at('', async (person) => {
    for (const [index, answer] of ['confirmed', 'confirmed', 'rejected'].entries()) {
      await person.page.click(`.proposal-open [data-answer=${answer}]`);
      await person.page.waitForFunction((count) => document.querySelectorAll('[data-answer=open]').length === count, {}, index + 1);
    }
  }));
  atDesk('request-in-german', at('?lingua=de'));
  atDesk('request-in-italian-again', at('?lingua=it'));
  asCitizen('citizen-new', (person) => person.go(one.own));
  for (const decision of ['telefono', 'rispondi', 'chiedi', 'indirizza', 'rifiuta']) {
    atDesk(`decide-${decision}`, at(`/${decision}`));
    atDesk(`decide-${decision}-letter`, at(`/${decision}`, (person) =>
      person.submit({ testo: 'Due righe per Lei.' }, 'button[name=passo][value=anteprima]')));
    if (decision !== 'telefono')
      atDesk(`decide-${decision}-error`, at(`/${decision}`, (person) => person.submit({ testo: '' }, confirm)), { status: 422 });
  }
  atDesk('confirm', at(`/conferma?inizio=${tuesdayAtTen + 1200}`));
  atDesk('confirm-taken', at(`/conferma?inizio=${tuesdayAtTen}`), { status: 409 });
  atDesk('confirm-outside-hours', at('/conferma?quando=2026-11-25T22:00'), { status: 422 });
  atDesk('confirm-stale', at(`/conferma?inizio=${tuesdayAtTen + 1200}`, (person) =>
    person.submit({ versione: '999', testo: 'Tenga pronta la tavola.' }, confirm)), { status: 409 });
  atDesk('request-decided', at(`/conferma?inizio=${tuesdayAtTen + 1200}`, (person) => person.submit({}, confirm)));
  asCitizen('citizen-booked', async (person) => {
    await office.demo.letter(zanolli, /confermata/);
    await person.go(one.own);
  });
  asCitizen('citizen-add-error', async (person) => {
    await person.go(one.own);
    await person.submit({}, 'main form[action$=aggiungi] button');
  }, { status: 422 });
  asCitizen('citizen-added', async (person) => {
    await person.go(one.own);
    await person.submit({ parole: 'Porto anche la relazione.' }, 'main form[action$=aggiungi] button');
  });
  asCitizen('citizen-move', (person) => person.go(`${one.own}/sposta`));
  asCitizen('citizen-move-error', async (person) => {
    await person.go(`${one.own}/sposta`);
    await person.submit();
  }, { status: 422 });
  asCitizen('citizen-move-taken', async (person) => {
    await person.go(`${one.own}/sposta`);
    await person.page.$eval('[name=inizio]', (radio, value) => { radio.value = value; radio.checked = true; }, tuesdayAtTen);
    await person.submit();
  }, { status: 422 });
  asCitizen('citizen-moved', async (person) => {
    await person.go(`${one.own}/sposta`);
    await person.page.click('[name=inizio] + label');
    await person.submit();
  });
  asCitizen('citizen-cancel', (person) => person.go(`${one.own}/annulla`));
  asCitizen('citizen-cancel-error', async (person) => {
    await person.go(`${one.own}/annulla`);
    await person.submit();
  }, { status: 422 });
  asCitizen('citizen-cancelled', async (person) => {
    await person.go(`${one.own}/annulla`);
    await person.page.click('#motivo-1');
    await person.submit();
  });
  atDesk('request-cancelled-by-citizen', at(''));
  asCitizen('citizen-restored', async (person) => {
    await person.go(one.own);
    await person.submit();
  });
  asCitizen('citizen-restore-taken', async (person) => {
    await person.go(`${one.own}/annulla`);
    await person.page.click('#motivo-2');
    await person.submit();
    const start = (await office.officer.json(`/scrivania/r/${one.code}`)).appointment.when.at;
    await office.book((await office.request('p.gallo@studio.example', 'SCIA 100/2026')).code, start);
    await person.submit();
  }, { status: 409 });
  asCitizen('room-cancelled', async (person) => {
    await person.go(await office.room(zanolli));
  }, { status: 404 });
});

describe('an appointment at the desk', () => {
  let one;
  before(async () => {
    one = await office.request('c.fabbri@studio.example', 'SCIA 101/2026');
    await office.book(one.code, tuesdayAtTen + 3600);
  });
  const at = (path, then) => async (person) => {
    await person.go(`/scrivania/r/${one.code}${path}`);
    await then?.(person);
  };
  atDesk('request-booked', at(''));
  atDesk('request-move', at('/sposta'));
  atDesk('request-move-letter', at('/sposta', async (person) => {
    await person.page.click('[name=inizio]');
    await person.submit();
  }));
  atDesk('request-cancel', at('/annulla'));
  atDesk('request-cancel-error', at('/annulla', (person) => person.submit()), { status: 422 });
  atDesk('request-cancel-letter', at('/annulla', (person) =>
    person.submit({ motivo: 'Il tecnico è malato.' }, 'button[name=passo][value=anteprima]')));
  atDesk('request-cancelled', at('/annulla', (person) => person.submit({ motivo: 'Il tecnico è malato.' })));
  asCitizen('citizen-cancelled-by-office', (person) => person.go(one.own));
  atDesk('request-restored', async (person) => {
    await at('')(person);
    await person.submit({}, 'main form[action$=ripristina] button');
  });
  atDesk('request-undone', async (person) => {
    const other = await office.request('r.nardi@studio.example', 'SCIA 103/2026');
    await office.book(other.code, tuesdayAtTen + 7200);
    await person.go(`/scrivania/r/${other.code}`);
    await person.submit({}, '[data-pending] button');
  });
  atDesk('request-by-phone-without-address', async (person) => {
    await person.go('/scrivania?cerca=Anna+Rossi');
    await person.follow('.desk-row-link');
    await person.go(`${new URL(person.page.url()).pathname}/telefono`);
  });
});

describe('what became of it', () => {
  const decided = [
    ['answered', 'rispondi'], ['phone', 'telefono'], ['waiting', 'chiedi'], ['redirected', 'indirizza'], ['refused', 'rifiuta'],
  ];
  for (const [state, decision] of decided) {
    let one;
    test(`${state} by the desk`, async () => {
      one = await office.request(`${state}@studio.example`, `CILA ${decided.findIndex(([name]) => name === state) + 1}/2026`);
      await office.decide(one.code, decision, { testo: 'Due righe per Lei.' });
    });
    asCitizen(`citizen-${state}`, (person) => person.go(one.own));
    atDesk(`request-${state}`, (person) => person.go(`/scrivania/r/${one.code}`));
  }
});

describe('the day of the call', () => {
  let one;
  let other;
  const at = (path, then) => async (person) => {
    await person.go(`/scrivania/r/${one.code}${path}`);
    await then?.(person);
  };
  before(async () => {
    one = await office.request('t.rizzi@studio.example', 'SCIA 102/2026');
    other = await office.request('t.moro@studio.example', 'SCIA 104/2026');
    await office.book(one.code, tuesdayAtTen + 5 * 3600); // the first two of the afternoon
    await office.book(other.code, tuesdayAtTen + 5 * 3600 + 1200);
    await office.moveClock('2026-11-24T15:20:00+01:00');
  });
  atDesk('desk-of-the-day', '/scrivania');
  asCitizen('citizen-late', (person) => person.go(one.own));
  asCitizen('room-check', async (person) => {
    await person.go(await office.room(one.address));
    await person.page.waitForSelector('[data-room][data-ready=true]');
  });
  atDesk('room-check-at-the-desk', at('/sala', (person) => person.page.waitForSelector('[data-room][data-ready=true]')));
  atDesk('request-nobody-came', async (person) => {
    await office.moveClock('2026-11-24T16:10:00+01:00');
    await person.go(`/scrivania/r/${other.code}`);
    await person.submit({}, 'main form[action$=assente] button');
  });
  asCitizen('citizen-who-did-not-come', (person) => person.go(other.own));
  asCitizen('home-of-the-day', '/');
  atDesk('outcome', at('/esito'));
  atDesk('outcome-error', at('/esito', (person) => person.submit({ minuti: 'dieci' })), { status: 422 });
  atDesk('outcome-letter', at('/esito', async (person) => {
    await person.page.click('[name=esito]');
    await person.submit({ testo: 'Basta la relazione.' }, 'button[name=passo][value=anteprima]');
  }));
  atDesk('request-closed', at('/esito', async (person) => {
    await person.page.click('[name=esito]');
    await person.submit({ testo: 'Basta la relazione.' });
  }));
  asCitizen('citizen-closed', (person) => person.go(one.own));
  asCitizen('room-over', async (person) => person.go(await office.room(one.address)), { status: 404 });
  atDesk('results', '/risultati');
  atDesk('results-error', '/risultati?da=2026-12-31&a=2026-01-01', { status: 422 });
  atDesk('password-changed', async (person) => {
    await person.go('/password');
    await person.submit({ password, new_password: `${password}-bis`, repeated: `${password}-bis` });
  });
});

describe('other people', () => {
  before(() => {
    office.command(['office', 'add', '--organisation', 'esempio', '--slug', 'tributi', '--name', 'Tributi',
      '--address', 'tributi@comune.esempio.example', '--prefix', 'TRI', '--service', 'Videochiamata']);
    office.command(['user', 'add', '--email', 'nuova@comune.esempio.example', '--name', 'Nuova Persona',
      '--office', 'edilizia', '--role', 'none'], `${password}\n`);
  });
  asCitizen('free-times-none', '/prenota?servizio=2');
  asCitizen('office-without-hours', '/ufficio/tributi');
  asCitizen('home-with-two-offices', '/');
  asCitizen('desk-without-office', (person) => person.login('nuova@comune.esempio.example'), { status: 403 });
});

describe('in English', () => {
  for (const [name, path] of [['home', '/'], ['office', '/ufficio/edilizia'], ['free-times', '/prenota?servizio=1']])
    asCitizen(`english-${name}`, `${path}${path.includes('?') ? '&' : '?'}lingua=en`);
  atDesk('english-desk', '/scrivania?lingua=en');
  atDesk('english-results', '/risultati?lingua=en');
});

// Its words are the longest of the three: each must fit a narrow screen.
describe('in German', () => {
  const german = (path) => `${path}${path.includes('?') ? '&' : '?'}lingua=de`;
  for (const [name, path] of [['home', '/'], ['office', '/ufficio/edilizia'], ['free-times', '/prenota?servizio=1'],
    ['privacy', '/privacy'], ['accessibility', '/accessibilita'], ['status', '/p']])
    asCitizen(`german-${name}`, german(path));
  for (const [name, path] of [['desk', '/scrivania'], ['results', '/risultati'], ['by-phone', '/scrivania/nuova'],
    ['other-mail', '/scrivania/altra-posta'], ['notices', '/scrivania/avvisi'], ['password', '/password']])
    atDesk(`german-${name}`, german(path));
});

describe('letters and sources', () => {
  test('every kind of letter is valid HTML', async () => {
    const seen = new Set();
    office.command(['user', 'set', '--email', officer, '--digest', 'daily', '--urgent', 'yes']);
    assert.equal(await office.demo.deliver('From: Anna Bianchi <anna.bianchi@posta.example>\r\nTo: appuntamentiedilizia@comune.esempio.example\r\n'
      + 'Subject: SCIA 300/2026\r\nMessage-ID: <urgente@posta.example>\r\n\r\nÈ urgente: vorrei una videochiamata. Anna Bianchi, 347 5550199\r\n'), 0);
    await office.demo.letter(officer, /Urgente/);
    await office.moveClock('2026-11-24T08:05:00+01:00');
    await office.demo.letter(officer, /Da valutare/);
    for (const letter of await office.demo.letters()) {
      const kind = letter.subject.replace(/EDI-\S+|\d+|:.*/g, '').trim();
      if (seen.has(kind) || !letter.html) continue;
      seen.add(kind);
      await judge.letter(`letter ${kind}`, citizen, letter.html);
    }
    assert.ok(seen.size >= 8, [...seen].join(', '));
  });
  asCitizen('letter-shown', async (person) => {
    await person.go('/posta-di-prova');
    await person.follow('.demo-letters a');
  });
  asCitizen('letter-answered', async (person) => {
    await person.go('/posta-di-prova');
    await person.follow('.demo-letters a');
    await person.follow('.demo-letter .btn-primary');
  });
  test('every route that is a page has been judged', () => {
    const files = /\.(csv|ics|svg|eml)$|\/html$|\/allegato\//; // not pages; a letter's HTML is judged above
    const routes = execFileSync(routesProgram, { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(' '))
      .filter(([method, path, ...flags]) => method === 'GET' && !flags.includes('live') && !files.test(path));
    assert.ok(routes.length > 25);
    const isOf = (path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
    assert.deepEqual(routes.map(([, path]) => path).filter((path) => !judge.paths.some((seen) => isOf(path).test(seen))), []);
  });
  test('vnu has nothing to say about any of them', { timeout: 120000 }, () => {
    assert.ok(judge.sources.length > 90, `${judge.sources.length} pages`);
    assert.deepEqual(judge.nuMessages(), []);
  });
});

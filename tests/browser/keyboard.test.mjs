// The desk by keyboard alone, without JavaScript, and where the focus is: what somebody without a mouse lives.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { officer, password, sample, until } from '../flows/lib/server.mjs';
import { Office, tuesdayAtTen } from './lib/office.mjs';
import { Person } from './lib/person.mjs';

let office;
before(async () => { office = await Office.open({ environment: { SPORTELLO_MAIL_HOLD_S: '2' } }); });
after(() => office?.close());

/** The element with the focus, and whether somebody who sees can tell. */
const focused = (person) => person.page.evaluate(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    name: element.tagName.toLowerCase(), id: element.id, text: element.innerText?.trim(), href: element.getAttribute('href'),
    isSeen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < window.innerHeight,
    isMarked: !element.matches(':focus') // the browser's own button inside a date field, which it marks itself
      || (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && !/^rgba.*, 0\)$/.test(outlineColor)) || boxShadow !== 'none',
  };
});

/** Presses a key that leads to another page. */
async function goBy(person, key) {
  await Promise.all([person.page.waitForNavigation({ waitUntil: 'load' }), person.page.keyboard.press(key)]);
  return new URL(person.page.url());
}

describe('keys of the desk', () => {
  let person;
  let codes;
  const press = (key) => person.page.keyboard.press(key);
  const chosen = () => person.page.$eval('.desk-row.is-selected', (row) => row.dataset.row);

  before(async () => {
    for (const name of ['01-chiara-geometra-scia', '03-architetta-alternative-allegati', '14-domanda-semplice'])
      assert.equal(await office.demo.deliver(sample(`${name}.eml`)), 0);
    const { rows } = await until(async () => {
      const shown = await office.officer.json('/scrivania');
      return shown.rows.length === 3 ? shown : null;
    }, 'three requests');
    codes = rows.map((row) => row.code);
    person = await Person.open(office.url);
  });
  after(() => person?.close());

  test('the officer logs in without a mouse', async () => {
    await person.go('/accedi');
    await person.page.focus('#email');
    await person.page.keyboard.type(officer);
    await press('Tab');
    await person.page.keyboard.type(password);
    assert.equal((await goBy(person, 'Enter')).pathname, '/scrivania');
  });

  test('J and K walk through the rows and stop at the ends', async () => {
    await press('j');
    assert.equal(await chosen(), codes[0]);
    for (const wanted of [1, 2, 2]) {
      await press('j');
      assert.equal(await chosen(), codes[wanted]);
    }
    const at = await focused(person);
    assert.ok(at.href.endsWith(codes[2]) && at.isSeen && at.isMarked, JSON.stringify(at));
    for (const wanted of [1, 0, 0]) {
      await press('k');
      assert.equal(await chosen(), codes[wanted]);
    }
  });

  test('Enter opens the request, Esc leads back', async () => {
    assert.equal((await goBy(person, 'Enter')).pathname, `/scrivania/r/${codes[0]}`);
    assert.equal((await goBy(person, 'Escape')).pathname, '/scrivania');
  });

  for (const [key, path] of [['v', 'conferma'], ['t', 'telefono'], ['r', 'rispondi'], ['i', 'chiedi'], ['a', 'indirizza'], ['x', 'rifiuta']]) {
    test(`${key.toUpperCase()} on a row and on its page leads to "${path}"`, async () => {
      const wanted = `/scrivania/r/${codes[0]}/${path}`;
      await person.go('/scrivania');
      await press('j');
      assert.equal((await goBy(person, key)).pathname, wanted);
      await goBy(person, 'Escape');
      assert.equal((await goBy(person, key)).pathname, wanted);
    });
  }

  test('/ goes to the search, ? opens the list of keys', async () => {
    await person.go('/scrivania');
    await press('/');
    assert.equal((await focused(person)).id, 'desk-search');
    await person.page.keyboard.type('SCIA j x');
    assert.equal(await person.page.$eval('#desk-search', (field) => field.value), 'SCIA j x');
    await press('Escape');
    await person.page.keyboard.type('?');
    assert.equal(await person.page.$eval('[data-keys]', (list) => list.open), true);
    assert.match(await person.text('[data-keys]'), /videochiamata all'orario proposto/);
  });

  test('keys of one letter can be switched off, and stay so', async () => {
    await person.page.click('#desk-keys-on');
    await person.go('/scrivania');
    await press('j');
    assert.equal(await person.page.$('.desk-row.is-selected'), null);
    await person.page.evaluate(() => localStorage.clear());
  });

  test('V, Tab and Enter confirm; the decision can be taken back within its seconds', async () => {
    await person.go(`/scrivania/r/${codes[0]}`);
    await goBy(person, 'v');
    await person.page.focus('main form textarea');
    await press('Tab');
    assert.match((await focused(person)).text, /Conferma e invia/);
    await goBy(person, 'Enter');
    assert.equal((await office.officer.json(`/scrivania/r/${codes[0]}`)).request.state, 'booked');
    await person.page.focus('[data-pending] button');
    await goBy(person, 'Enter');
    assert.equal((await office.officer.json(`/scrivania/r/${codes[0]}`)).request.state, 'new');
  });

  test('nothing to complain about', () => assert.deepEqual(person.complaints, []));
});

describe('focus', () => {
  let person;
  before(async () => {
    person = await Person.open(office.url);
    await person.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]); // no sliding to the focus
  });
  after(() => person?.close());

  for (const path of ['/', '/accedi', '/ufficio/edilizia', '/p', '/posta-di-prova']) {
    test(`the first Tab on ${path} shows the way to the content, and every stop can be seen`, async () => {
      await person.go(path);
      await person.page.keyboard.press('Tab');
      const first = await focused(person);
      assert.deepEqual([first.href, first.isSeen], ['#contenuto', true]);
      for (let stop = 0; stop < 40; stop += 1) {
        await person.page.keyboard.press('Tab');
        const at = await focused(person);
        if (at.name === 'body') break;
        assert.ok(at.isSeen && at.isMarked, `stop ${stop + 2}: ${JSON.stringify(at)}`);
      }
      await person.go(path);
      await person.page.keyboard.press('Tab');
      await person.page.keyboard.press('Enter');
      assert.equal((await focused(person)).id, 'contenuto');
    });
  }

  test('an error of a form is expected', () => person.expect(/status of 422/));
  for (const [path, fields] of [['/accedi', {}], ['/p', { code: 'EDI-7777-77' }], ['/posta-di-prova', {}]]) {
    test(`after an error on ${path} the focus is on what went wrong, whose link leads to the field`, async () => {
      await person.go(path);
      await person.submit(fields);
      await person.page.waitForFunction(() => document.activeElement.id === 'errori');
      await person.page.keyboard.press('Tab');
      const link = await focused(person);
      await person.page.keyboard.press('Enter');
      assert.equal(`#${(await focused(person)).id}`, link.href);
    });
  }

  test('nothing to complain about', () => assert.deepEqual(person.complaints, []));
});

describe('without JavaScript', () => {
  let person;
  let request;
  before(async () => {
    person = await Person.open(office.url, { javascript: false });
    request = await office.request('l.verdi@studio.example', 'SCIA 99/2026');
  });
  after(() => person?.close());
  const state = async () => (await office.officer.json(`/scrivania/r/${request.code}`)).request.state;

  test('an officer logs in, finds the request and confirms it', async () => {
    await person.go('/accedi');
    await person.page.type('#email', officer);
    await person.page.type('#password', password);
    await person.follow('main form button[type=submit]');
    await person.follow(`[data-row="${request.code}"] .desk-row-link`);
    assert.match(await person.text(), /SCIA 99\/2026/);
    await person.go(`/scrivania/r/${request.code}/conferma?inizio=${tuesdayAtTen + 1200}`);
    await person.follow('button[name=passo][value=conferma]');
    assert.equal(await state(), 'booked');
  });

  test('a citizen cancels and takes it back', async () => {
    await person.go(request.own);
    await person.follow(`main a[href="${request.own}/annulla"]`);
    await person.page.click('[name=motivo]');
    await person.follow('main form[method=post] button[type=submit]');
    assert.match(await person.text(), /annullato/);
    assert.equal(await state(), 'closed');
    await person.follow(`main form[action="${request.own}/ripristina"] button`);
    assert.equal(await state(), 'booked');
  });

  test('the room says what it needs and shows a phone number', async () => {
    await person.go(await office.room(request.address));
    assert.match(await person.text('noscript'), /JavaScript[\s\S]*045\s555\s0100/);
  });

  test('the demo\'s mail is written and read', async () => {
    await person.go('/posta-di-prova?esempio=geometra');
    await person.follow('main form[action="/posta-di-prova"] button[type=submit]');
    assert.match(await person.text(), /Inviata/);
    await until(async () => {
      await person.go('/posta-di-prova');
      return (await person.page.$$('.demo-letters li')).length >= 5;
    }, 'the receipt');
    await person.follow('.demo-letters a');
    assert.match(await person.text('.demo-letter'), /Codice della richiesta: EDI-/);
  });

  test('nothing to complain about', () => assert.deepEqual(person.complaints, []));
});

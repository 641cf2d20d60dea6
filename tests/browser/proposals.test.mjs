// Going through what was read, by keyboard alone, in two browsers; and the same without JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../flows/lib/server.mjs';
import { Office } from './lib/office.mjs';
import { Person } from './lib/person.mjs';

const words = (practice) => `Buongiorno, per il ${practice} vorrei una videochiamata martedì 24 novembre alle 10.
Foglio 12 mappale 345.

Anna Rossi
tel. 045 5550134

Il giorno 19 novembre 2026 alle 10:00 Ufficio Edilizia <appuntamentiedilizia@comune.esempio.example> ha scritto:
> La preghiamo di scrivere il numero della pratica.`;

let office;
let sent = 0;
before(async () => { office = await Office.open(); });
after(() => office?.close());

/** A new request with six or more proposals. */
const write = () => {
  sent += 1;
  return office.request(`Anna Rossi <anna${sent}@posta.example>`, `PdC ${40 + sent}/2026`, words(`PdC ${40 + sent}/2026`));
};

for (const browser of ['chromium', 'firefox']) {
  describe(`one key for each proposal, in ${browser}`, () => {
    let person;
    let code;
    const press = (key) => person.page.keyboard.press(key);
    const items = async () => (await office.officer.json(`/scrivania/r/${code}`)).proposals.items;
    const verdicts = async () => (await items()).map((item) => item.verdict);
    const isOnScreen = (verdict, count) => person.page.waitForFunction((state, wanted) =>
      document.querySelectorAll(`[data-verdict="${state}"][data-proposal]`).length >= wanted, {}, verdict, count);
    /** Number of the proposal with the focus, and what the focused button does. */
    const focused = () => person.page.evaluate(() => {
      const at = document.activeElement;
      const { outlineStyle, boxShadow } = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      return {
        id: at.id, number: at.closest('[data-proposal]')?.dataset.proposal ?? null, answer: at.dataset.answer ?? null, hash: at.hash ?? null,
        isSeen: box.bottom > 0 && box.top < window.innerHeight, isMarked: outlineStyle !== 'none' || boxShadow !== 'none',
      };
    });
    const said = () => person.page.$eval('[data-say]', (element) => element.textContent);
    const visit = async () => {
      ({ code } = await write());
      await person.go(`/scrivania/r/${code}`);
      await person.page.waitForSelector('.proposal.is-current');
    };

    before(async () => {
      person = await Person.open(office.url, { browser });
      if (browser === 'chromium') await person.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
      await person.login();
      await visit();
    });
    after(() => person?.close());

    test('C confirms the first open one and goes on to the next, in place', async () => {
      await person.page.evaluate(() => { window.isTheSamePage = true; });
      await press('c');
      await isOnScreen('confirmed', 1);
      assert.deepEqual((await verdicts()).slice(0, 2), ['confirmed', 'open']);
      const at = await focused();
      assert.deepEqual([at.number, at.answer], ['2', 'confirmed']);
      assert.ok(at.isSeen && at.isMarked, JSON.stringify(at));
      assert.match(await said(), /^Confermato: Mittente Anna Rossi.*Ora: /);
      assert.equal(await person.page.evaluate(() => window.isTheSamePage), true);
    });

    test('keys that follow quickly mean one proposal each, N says no', async () => {
      await press('c');
      await press('c');
      await press('n');
      await isOnScreen('rejected', 1);
      assert.deepEqual((await verdicts()).slice(0, 5), ['confirmed', 'confirmed', 'confirmed', 'rejected', 'open']);
      assert.equal((await focused()).number, '5');
    });

    test('Shift and C confirm all that are certain, and the practice of the request is confirmed', async () => {
      await person.page.keyboard.down('Shift');
      await press('C');
      await person.page.keyboard.up('Shift');
      await until(async () => (await office.officer.json(`/scrivania/r/${code}`)).proposals.certain === 0, 'the verdicts');
      const all = await items();
      assert.ok(all.every((item) => item.confidence !== 'certain' || item.verdict !== 'open'));
      await person.page.waitForFunction(() => !document.querySelector('[data-verdict-all]'));
    });

    test('the last answer is thought over by keyboard: Enter on "Ripensaci", and the focus stays there', async () => {
      const number = (await items()).find((item) => item.verdict === 'rejected').n;
      await person.page.focus(`#proposta-${number} [data-answer=open]`);
      await press('Enter');
      await person.page.waitForSelector(`#proposta-${number}[data-verdict=open]`);
      await person.page.waitForFunction(() => document.activeElement.dataset.answer === 'confirmed');
      const at = await focused();
      assert.equal(at.number, String(number));
      assert.match(await said(), /Di nuovo da confermare/);
    });

    test('a number leads to the words, the words lead back; each shows its other half', async () => {
      const { n } = (await items()).find((item) => item.kind === 'practice' && item.source === 'text') ?? (await items()).find((item) => item.has_mark);
      await person.page.focus(`#proposta-${n} a[data-to-mark]`);
      await press('Enter');
      await person.page.waitForFunction((id) => document.activeElement.id === id, {}, `testo-${n}`);
      assert.ok((await focused()).isSeen);
      assert.equal(await person.page.$eval(`#proposta-${n}`, (item) => item.classList.contains('is-pair')), true);
      await press('Enter');
      await person.page.waitForFunction((id) => document.activeElement.id === id, {}, `proposta-${n}`);
      assert.equal(await person.page.$eval(`#testo-${n}`, (link) => link.closest('mark').classList.contains('is-pair')), true);
    });

    test('C on marked words means their proposal', async () => {
      await visit();
      const { n } = (await items()).find((item) => item.kind === 'cadastral');
      await person.page.focus(`#testo-${n}`);
      await press('c');
      await isOnScreen('confirmed', 1);
      assert.equal((await items())[n - 1].verdict, 'confirmed');
    });

    test('words in a fold are seen when they are followed', async () => {
      await visit();
      const { n } = (await items()).find((item) => item.has_mark && item.source === 'text');
      await person.page.$eval('.request-entry[open]', (entry) => { entry.open = false; });
      await person.page.focus(`#proposta-${n} a[data-to-mark]`);
      await press('Enter');
      await person.page.waitForFunction((id) => document.activeElement.id === id, {}, `testo-${n}`);
      assert.ok((await focused()).isSeen);
    });

    test('no letter acts while keys of one letter are switched off, nor while somebody types', async () => {
      await person.page.evaluate(() => localStorage.setItem('sportello-keys-off', '1'));
      await press('c');
      await person.page.evaluate(() => localStorage.clear());
      await person.page.focus('#request-time');
      await press('c');
      const before = await verdicts();
      assert.ok(before.every((verdict) => verdict === 'open'), before.join());
    });

    test('of several readings none is chosen by a key that was pressed before they were at hand', async () => {
      sent += 1;
      ({ code } = await office.request(`Ugo Neri <ugo${sent}@posta.example>`, `Incontro ${sent}`, 'Vorrei un appuntamento lunedì 24 novembre alle 10.'));
      await person.go(`/scrivania/r/${code}`);
      await person.page.waitForSelector('.proposal.is-current');
      const { n } = (await items()).find((item) => item.is_choice);
      assert.equal(n, 2, 'behind the sender');
      await person.page.evaluate(() => { for (let i = 0; i < 3; i += 1) document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true })); });
      await isOnScreen('confirmed', 1);
      await until(async () => (await focused()).number === '2', 'the choice');
      assert.match(await said(), /Ora: Si può leggere in più modi: quale è giusto\? Quando/);
      assert.deepEqual((await verdicts()).slice(0, 3), ['confirmed', 'open', 'open']);
      await press('c');
      await isOnScreen('rejected', 1);
      assert.deepEqual((await verdicts()).slice(0, 3), ['confirmed', 'confirmed', 'rejected']);
    });

    test('after the last answer the decision is at hand, in sight', async () => {
      await visit();
      const { length } = await items();
      for (let i = 0; i < length; i += 1) await press('c');
      await person.page.waitForFunction(() => document.activeElement.id === 'request-decide');
      await until(async () => (await focused()).isSeen, 'the decision');
      assert.match(await said(), /Tutto ha una risposta\.$/);
      assert.doesNotMatch(await said(), /da confermare/);
    });

    test('nothing to complain about', () => assert.deepEqual(person.complaints, []));
  });
}

describe('without JavaScript', () => {
  let person;
  let code;
  before(async () => {
    person = await Person.open(office.url, { javascript: false });
    await person.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]); // a click hits what stands still
    await person.login();
    ({ code } = await write());
    await person.go(`/scrivania/r/${code}`);
  });
  after(() => person?.close());

  test('each answer is a form, and the page comes back at its proposal', async () => {
    for (const [number, answer] of [[1, 'confirmed'], [2, 'rejected'], [2, 'open']]) {
      await person.follow(`#proposta-${number} [data-answer=${answer}]`);
      assert.equal(new URL(person.page.url()).hash, `#proposta-${number}`);
      const { proposals } = await office.officer.json(`/scrivania/r/${code}`);
      assert.equal(proposals.items[number - 1].verdict, answer);
    }
    await person.follow('[data-verdict-all] button');
    assert.equal((await office.officer.json(`/scrivania/r/${code}`)).proposals.certain, 0);
  });

  test('numbers and words are links to each other', async () => {
    const hrefs = await person.page.$$eval('.request-main mark a, .proposal a[data-to-mark]', (links) => links.map((link) => link.hash));
    assert.ok(hrefs.length >= 8, hrefs.join());
    for (const hash of hrefs) assert.ok(await person.page.$(hash), hash);
  });

  test('nothing to complain about', () => assert.deepEqual(person.complaints, []));
});

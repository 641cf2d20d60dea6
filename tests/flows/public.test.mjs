// What anybody may read: the organisation, an office and its week, the free times, the required pages, the files that
// pages are made of.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, sample, until } from './lib/server.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const pages = ['/', '/ufficio/edilizia', '/prenota?servizio=1', '/p', '/privacy', '/accessibilita', '/note-legali', '/accedi'];

describe('public pages', () => {
  let demo;
  let visitor;

  before(async () => {
    demo = await Demo.start({ now: friday });
    visitor = new Client(demo.url);
  });
  after(() => demo.stop());

  test('the first page leads to the office and its next free time', async () => {
    const [organisation] = (await visitor.json('/')).organisations;
    assert.deepEqual(organisation.offices.map((o) => o.office.slug), ['edilizia']);
    assert.equal(organisation.offices[0].next.at, at('11-24T09:00'));
  });

  test('the office shows this week, with today marked, and how to write to it', async () => {
    const office = await visitor.json('/ufficio/edilizia');
    assert.deepEqual(office.week.days.map((d) => d.when.date), ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20']);
    assert.deepEqual(office.week.days.map((d) => d.is_today), [false, false, false, false, true]);
    assert.deepEqual(office.week.days[1].hours.map((h) => `${h.from}-${h.until}`), ['09:00-12:30', '15:00-17:30']);
    assert.match((await visitor.get('/ufficio/edilizia')).text, /mailto:appuntamentiedilizia@comune\.esempio\.example/);
  });

  test('free times stand day by day, a holiday says so, a time that is taken is gone at once', async () => {
    const before = await visitor.json('/prenota?servizio=1');
    const day = (shown, date) => shown.days.find((d) => d.date === date);
    assert.equal(day(before, '2026-11-24').times.length, 17);
    assert.equal(day(before, '2026-12-08').is_holiday, true);
    assert.equal(day(before, '2026-11-25'), undefined, 'the office does not receive on Wednesdays');

    const desk = await new Client(demo.url).login();
    assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    const [{ code }] = await until(async () => {
      const { rows } = await desk.json('/scrivania');
      return rows.length ? rows : null;
    }, 'the request');
    await desk.post(`/scrivania/r/${code}/conferma`, { inizio: at('11-24T10:00'), versione: 0 }, `/scrivania/r/${code}`);
    const after = await visitor.json('/prenota?servizio=1');
    assert.equal(after.free, before.free - 1);
    assert.ok(day(before, '2026-11-24').times.includes('10:00'));
    assert.ok(!day(after, '2026-11-24').times.includes('10:00'));
  });

  test('what does not exist is a page in words', async () => {
    for (const path of ['/ufficio/nessuno', '/prenota', '/prenota?servizio=99', '/prenota?servizio=uno', '/qualcosa']) {
      const answer = await visitor.get(path);
      assert.equal(answer.status, 404, path);
      assert.match(answer.text, /<h1>Pagina non trovata<\/h1>/, path);
    }
  });

  test('each page speaks Italian, English and German', async () => {
    const english = new Client(demo.url, 'en');
    for (const path of pages) {
      assert.match((await visitor.get(path)).text, /<html lang="it">/, path);
      const page = (await english.get(path)).text;
      assert.match(page, /<html lang="en">/, path);
      assert.match(page, /Privacy notice/, path);
      const german = (await new Client(demo.url, 'de-IT').get(path)).text;
      assert.match(german, /<html lang="de">/, path);
      assert.match(german, />Datenschutz</, path);
    }
  });

  test('no page asks anybody else for anything, and everything it asks for is there', async () => {
    const found = new Set();
    for (const path of pages) {
      const { text } = await visitor.get(path);
      assert.doesNotMatch(text, /<style|\sstyle=|<script>|\son[a-z]+="|data:/, `${path}: nothing inline`);
      for (const [, address] of text.matchAll(/(?:src|href)="([^"#]+)[^"]*"/g)) {
        if (/^(mailto|tel):/.test(address)) continue;
        assert.match(address, /^\//, `${path}: ${address}`);
        found.add(address.replaceAll('&amp;', '&'));
      }
    }
    for (const address of found) assert.ok([200, 303].includes((await visitor.get(address)).status), address);
  });

  test('the style sheet names its version of bootstrap-italia, and its fonts and images are ours', async () => {
    const page = await visitor.get('/');
    const address = /href="([^"]+\/css\/app\.css)"/.exec(page.text)[1];
    const css = (await visitor.get(address)).text;
    assert.match(css, /--bootstrap-italia-version:\s*'2\.18\.\d+'/);
    const used = [...css.matchAll(/url\((["']?)([^)"']+)\1\)/g)].map((m) => m[2]);
    assert.ok(used.length > 5);
    for (const name of new Set(used)) {
      const file = await visitor.get(new URL(name, new URL(address, demo.url)).pathname);
      assert.equal(file.status, 200, name);
      assert.match(file.headers.get('content-type'), /^(font\/woff2|image\/svg\+xml)$/, name);
      assert.match(file.headers.get('cache-control'), /immutable/, name);
    }
  });
});

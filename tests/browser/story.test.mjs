// The same story in real browsers: an officer and a citizen, each with a browser of their own and a fake camera.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Demo, officer, password, pause, sample, until } from '../flows/lib/server.mjs';
import { Person } from './lib/person.mjs';

const zanolli = 'm.zanolli@studiozanolli.example';
let demo;
let desk;
let citizen;
let code;
let room;

before(async () => {
  demo = await Demo.start({ now: '2026-11-20T18:00:00+01:00' });
  desk = await Person.open(demo.url);
  citizen = await Person.open(demo.url);
});
after(async () => {
  await desk?.close();
  await citizen?.close();
  await demo?.stop();
});

const statistics = (person) => person.page.evaluate(() => window.roomStatistics());

test('the officer logs in and the new request appears by itself', async () => {
  await desk.go('/accedi');
  await desk.page.type('[name=email]', officer);
  await desk.page.type('[name=password]', password);
  await desk.follow('form button[type=submit].btn-primary');
  assert.match(desk.page.url(), /\/scrivania/);
  await pause(500);
  assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
  await desk.page.waitForFunction(() => /SCIA 214\/2026/.test(document.querySelector('main').innerText), { timeout: 10000 });
});

test('one key opens it, and "Conferma" takes Tuesday at ten', async () => {
  await desk.page.keyboard.press('j');
  await Promise.all([desk.page.waitForNavigation(), desk.page.keyboard.press('Enter')]);
  code = /EDI-[0-9A-Z]{4}-[0-9A-Z]{2}/.exec(desk.page.url())?.[0];
  assert.ok(code, desk.page.url());
  await Promise.all([desk.page.waitForNavigation(), desk.page.keyboard.press('v')]);
  assert.match(await desk.text(), /martedì 24 novembre/);
  await desk.follow('main form[method=post] button[type=submit].btn-primary');
  assert.match(await desk.text(), /Annulla la decisione/);
  const letter = await demo.letter(zanolli, /Videochiamata confermata/);
  room = new URL(/https?:\/\/\S+\/sala\/[0-9A-Za-z]{26}/.exec(letter.text)[0]).pathname;
});

test('the clock of the demo goes to the appointment', async () => {
  await desk.go('/scrivania');
  const jump = await desk.page.$('form[action="/orologio"] button[value=appuntamento], form[action="/orologio"] button[name]');
  assert.ok(jump, 'the banner has its button');
  await Promise.all([desk.page.waitForNavigation(), jump.click()]);
  assert.match(await desk.text('body'), /martedì/i);
});

test('the citizen checks camera and microphone, and waits', async () => {
  await citizen.go(room);
  await citizen.page.waitForSelector('[data-room][data-ready=true]');
  await citizen.page.waitForFunction(() => document.querySelector('[data-own-video]').videoWidth > 0);
  await citizen.page.waitForFunction(() => document.querySelector('[data-part=level]').value > 0, { timeout: 10000 });
  await pause(300);
  const before = await desk.text();
  assert.doesNotMatch(before, /In attesa da/i, 'nobody is present before "Entra"');
  await citizen.page.click('[data-action=enter]');
  await citizen.page.waitForFunction(() => document.querySelector('[data-room]').dataset.step === 'lobby');
  await desk.page.waitForFunction(() => /In attesa/i.test(document.querySelector('main').innerText), { timeout: 10000 });
});

test('the officer admits them, and both see and hear each other', async () => {
  await desk.go(`/scrivania/r/${code}/sala`);
  await desk.page.waitForSelector('[data-room][data-ready=true]');
  await desk.page.click('[data-action=enter]');
  await desk.page.waitForSelector('[data-admit]', { visible: true });
  await desk.page.click('[data-admit]');
  for (const person of [citizen, desk])
    await person.page.waitForFunction(() => document.querySelector('[data-room]').dataset.step === 'room');
  for (const person of [citizen, desk]) {
    const first = await until(async () => {
      const numbers = await statistics(person);
      return numbers?.frames > 5 && numbers.audioPackets > 5 ? numbers : null;
    }, 'frames and sound', 30).catch(async (error) => {
      const seen = await Promise.all([citizen, desk].map(async (one) => ({
        connection: await one.page.$eval('[data-room]', (room) => room.dataset.connection),
        statistics: await statistics(one), complaints: one.complaints,
      })));
      throw new Error(`${error.message}: citizen and desk saw ${JSON.stringify(seen)}`);
    });
    const next = await until(async () => {
      const numbers = await statistics(person);
      return numbers.frames > first.frames + 10 && numbers.audioPackets > first.audioPackets + 10
        && numbers.audioEnergy > first.audioEnergy ? numbers : null;
    }, 'more frames and more sound', 30);
    assert.ok(next.frames > first.frames);
  }
  assert.match(await desk.text('[data-part=countdown]'), /\d+:\d\d/);
});

test('muting and the camera are seen on the other side', async () => {
  await citizen.page.click('[data-toggle=microphone]');
  await desk.page.waitForFunction(() => !document.querySelector('[data-peer] [data-microphone-off]').hidden);
  await citizen.page.click('[data-toggle=camera]');
  await desk.page.waitForFunction(() => !document.querySelector('[data-peer] [data-camera-off]').hidden);
  await citizen.page.click('[data-toggle=microphone]');
  await desk.page.waitForFunction(() => document.querySelector('[data-peer] [data-microphone-off]').hidden);
});

test('hanging up ends it for them, the officer writes the outcome', async () => {
  await citizen.page.click('section[data-step=room] [data-action=leave]');
  await citizen.page.waitForFunction(() => document.querySelector('[data-room]').dataset.step === 'end');
  await desk.page.waitForFunction(() => !document.querySelector('[data-peer]'));
  await desk.page.click('section[data-step=room] [data-action=leave]');
  await desk.page.waitForFunction(() => document.querySelector('[data-room]').dataset.step === 'end');
  await desk.go(`/scrivania/r/${code}/esito`);
  await desk.page.click('[name=esito]');
  await desk.page.type('textarea[name=testo]', 'Basta la relazione aggiornata.');
  await desk.follow('main form[method=post] button[type=submit].btn-primary');
  await desk.go('/risultati');
  assert.match(await desk.text(), /Conviene estenderlo/);
});

test('no browser had anything to complain about', () => {
  assert.deepEqual(desk.complaints, []);
  assert.deepEqual(citizen.complaints, []);
});

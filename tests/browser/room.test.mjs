// The room where it can go wrong: people who leave and come back, a link opened twice, no camera, a network that lets
// no media through, and a real TURN server that carries it then.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { password, until } from '../flows/lib/server.mjs';
import { enter, leave, seesAndHears, statistics, step } from './lib/call.mjs';
import { Judge } from './lib/judge.mjs';
import { Office, tuesdayAtTen } from './lib/office.mjs';
import { Person } from './lib/person.mjs';
import { Turn } from './lib/turn.mjs';

const colleague = 'collega@comune.esempio.example';
const noDirectMedia = '--webrtc-ip-handling-policy=disable_non_proxied_udp';
const judge = new Judge();

/** An office ten minutes before the appointment of one request; `seat` is the path of the citizen's room. */
async function beforeTheCall(options) {
  const office = await Office.open({ ...options, environment: { SPORTELLO_MAIL_HOLD_S: '0', ...options?.environment } });
  const request = await office.request('l.verdi@studio.example', 'SCIA 99/2026', 'Una videochiamata per la SCIA 99/2026, tel. 045 555 0177.');
  await office.book(request.code, tuesdayAtTen);
  const seat = await office.room(request.address);
  return { office, seat, desk: `/scrivania/r/${request.code}/sala` };
}

async function nothingIsWrongOnTheScreen(name, person) {
  assert.deepEqual(await judge.screenMessages(name, person), []);
}

// Counts the tones a page plays and keeps the connections it makes, without changing what they do.
function watch() {
  window.tones = 0;
  window.connections = [];
  const start = AudioScheduledSourceNode.prototype.start;
  AudioScheduledSourceNode.prototype.start = function play(...when) {
    window.tones += 1;
    return start.apply(this, when);
  };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      window.connections.push(this);
    }
  };
}

const admit = async (desk) => {
  await desk.page.waitForSelector('[data-admit]', { visible: true });
  await desk.page.click('[data-admit]');
};

describe('one call and its people', () => {
  let call;
  let desk;
  let citizen;
  before(async () => {
    call = await beforeTheCall();
    call.office.command(['user', 'add', '--email', colleague, '--name', 'Paolo Neri', '--office', 'edilizia'], `${password}\n`);
    [desk, citizen] = await Promise.all([Person.open(call.office.url, { script: watch }), Person.open(call.office.url)]);
    await desk.login();
  });
  after(async () => {
    await desk?.close();
    await citizen?.close();
    await call?.office.close();
  });

  test('who comes days before is told, and nobody sees them waiting', async () => {
    await enter(citizen, call.seat);
    await step(citizen, 'end');
    assert.equal(await citizen.page.$eval('[data-end=early]', (text) => text.hidden), false);
    await nothingIsWrongOnTheScreen('room-early', citizen);
    await call.office.moveClock('appuntamento');
  });

  test('two officers see who waits, and it sounds', async () => {
    const second = await Person.open(call.office.url, { script: watch });
    try {
      await second.login(colleague);
      for (const officer of [desk, second]) {
        await officer.go('/scrivania');
        await officer.page.click('[data-sound]');
        await officer.page.waitForFunction(() => document.querySelector('[data-sound-off]').hidden);
      }
      const heard = await Promise.all([desk, second].map((officer) => officer.page.evaluate(() => window.tones)));
      await enter(citizen, call.seat);
      await step(citizen, 'lobby');
      await Promise.all([desk, second].map((officer, index) => officer.page.waitForFunction((before) =>
        /In attesa da/.test(document.querySelector('[data-fresh=now]').innerText) && window.tones > before,
      { timeout: 10000 }, heard[index])));
      await nothingIsWrongOnTheScreen('desk-somebody-waits', second);
      assert.deepEqual(second.complaints, []);
    } finally {
      await second.close();
    }
  });

  test('lobby, call and end have nothing wrong on the screen', async () => {
    await nothingIsWrongOnTheScreen('room-lobby', citizen);
    await enter(desk, call.desk);
    await desk.page.waitForSelector('[data-admit]', { visible: true });
    await nothingIsWrongOnTheScreen('room-admit', desk);
    await admit(desk);
    for (const person of [desk, citizen]) {
      await step(person, 'room');
      await seesAndHears(person);
    }
    await nothingIsWrongOnTheScreen('room-desk', desk);
    await nothingIsWrongOnTheScreen('room-citizen', citizen);
    for (const width of [1280, 360]) {
      await citizen.page.setViewport({ width, height: 740 });
      const heights = await citizen.page.$$eval('.room-bar button', (all) => all.map((one) => one.getBoundingClientRect().height));
      assert.ok(heights.length >= 3 && heights.every((height) => height >= 44), `${heights} at ${width} px`);
    }
    await citizen.page.setViewport({ width: 1280, height: 900 });
    await leave(citizen);
    await nothingIsWrongOnTheScreen('room-end', citizen);
  });

  // Once both sides offered at the same time and Chromium then gathered no candidates: one in three had no sound.
  test('whoever leaves and enters again, six times, is seen and heard each time', async () => {
    for (let time = 0; time < 6; time += 1) {
      if (time % 3 === 2) {
        await leave(desk);
        await enter(desk, call.desk);
      }
      await enter(citizen, call.seat);
      for (const person of [desk, citizen]) {
        await step(person, 'room');
        await seesAndHears(person);
      }
      if (time < 5) await leave(citizen);
    }
  });

  test('the link opened elsewhere goes on there, also without a camera', async () => {
    const elsewhere = await Person.open(call.office.url, { permissions: ['microphone'] });
    try {
      await elsewhere.go(call.seat);
      await elsewhere.page.waitForSelector('[data-problem=camera-denied]', { visible: true });
      await nothingIsWrongOnTheScreen('room-camera-denied', elsewhere);
      await elsewhere.page.click('section[data-step=check] [data-action=enter-without-camera]');
      await step(citizen, 'end');
      assert.equal(await citizen.page.$eval('[data-end=replaced]', (text) => text.hidden), false);
      await step(elsewhere, 'room');
      await seesAndHears(elsewhere);
      await desk.page.waitForFunction(() => document.querySelectorAll('[data-peer]').length === 1
        && !document.querySelector('[data-peer] [data-camera-off]').hidden);
      const before = await statistics(desk);
      await until(async () => (await statistics(desk)).audioPackets > before.audioPackets + 20, 'their voice at the desk');
      await leave(elsewhere);
      assert.deepEqual(elsewhere.complaints, []);
    } finally {
      await elsewhere.close();
    }
  });

  test('when no media comes through, both are told within about ten seconds and see a phone number', async () => {
    const blocked = await Person.open(call.office.url, { more: [noDirectMedia] });
    try {
      await enter(blocked, call.seat);
      await step(blocked, 'room');
      const began = Date.now();
      for (const person of [blocked, desk])
        await person.page.waitForFunction(() => {
          const warning = document.querySelector('[data-part=failed]');
          return !warning.hidden && warning.getClientRects().length > 0;
        }, { timeout: 15000 });
      assert.ok(Date.now() - began < 14000);
      assert.match(await blocked.text('[data-part=failed]'), /045\s555\s0100/);
      assert.match(await desk.text('[data-part=failed]'), /0177|045\s?555/);
      await nothingIsWrongOnTheScreen('room-no-media', blocked);
      assert.equal((await statistics(blocked)).frames, 0);
      assert.deepEqual(blocked.complaints, []);
    } finally {
      await blocked.close();
    }
  });

  test('no browser had anything to complain about', () => {
    assert.deepEqual(desk.complaints, []);
    assert.deepEqual(citizen.complaints, []);
  });
});

describe('with a TURN server', () => {
  let turn;
  let call;
  const people = [];
  before(async () => {
    turn = await Turn.start();
    call = await beforeTheCall({ environment: turn.environment });
    await call.office.moveClock('appuntamento');
  });
  after(async () => {
    for (const person of people) await person.close();
    await call?.office.close();
    await turn?.close();
  });

  test('a call goes through a network that lets only TCP out', async () => {
    const desk = await Person.open(call.office.url, { script: watch });
    people.push(desk);
    const citizen = await Person.open(call.office.url, { script: watch, more: [noDirectMedia] });
    people.push(citizen);
    await desk.login();
    await enter(citizen, call.seat);
    await step(citizen, 'lobby');
    await enter(desk, call.desk);
    await admit(desk);
    for (const person of [citizen, desk]) {
      await step(person, 'room');
      await seesAndHears(person);
    }
    const ways = await citizen.page.evaluate(async () => {
      const reports = new Map(await window.connections.at(-1).getStats());
      return [...reports.values()].filter((one) => one.type === 'candidate-pair' && one.nominated)
        .map((pair) => reports.get(pair.localCandidateId)).map((own) => `${own.candidateType} ${own.relayProtocol}`);
    });
    assert.deepEqual([...new Set(ways)], ['relay tcp']);
    assert.match(turn.log, /ALLOCATE processed, success/);
    for (const person of people) assert.deepEqual(person.complaints, []);
  });
});

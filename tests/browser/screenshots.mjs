// The pictures of the README: desk, citizen's page and room as they are. Run it after a change that shows:
//   SPORTELLO=build/sportello node tests/browser/screenshots.mjs [FOLDER]
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause, root, sample } from '../flows/lib/server.mjs';
import { enter, seesAndHears, step } from './lib/call.mjs';
import { Office, tuesdayAtTen } from './lib/office.mjs';
import { Person } from './lib/person.mjs';
import { film } from './lib/portrait.mjs';

const folder = process.argv[2] ?? join(root, 'docs/images');
const films = mkdtempSync(join(tmpdir(), 'sportello-films-'));
const people = [];
mkdirSync(folder, { recursive: true });

async function someone(office, name, colours) {
  const file = join(films, `${name}.y4m`);
  const painter = await Person.open(office.url);
  await film(painter.page, file, colours);
  await painter.close();
  const person = await Person.open(office.url, { height: 860, more: [`--use-file-for-fake-video-capture=${file}`] });
  people.push(person);
  return person;
}

async function picture(person, name) {
  await pause(500); // fonts, transitions
  const path = join(folder, `${name}.png`);
  await person.page.screenshot({ path });
  assert.ok(statSync(path).size < 200 * 1024, `${path} has ${statSync(path).size} bytes`);
  console.log(path);
}

const office = await Office.open({ environment: { SPORTELLO_MAIL_HOLD_S: '0' } });
try {
  const zanolli = await office.request(sample('01-chiara-geometra-scia.eml'));
  for (const name of ['03-architetta-alternative-allegati', '05-pec-busta-trasporto', '14-domanda-semplice'])
    assert.equal(await office.demo.deliver(sample(`${name}.eml`)), 0);
  await office.book(zanolli.code, tuesdayAtTen);
  const seat = await office.room(zanolli.address);
  const desk = await someone(office, 'officer', { wall: '#b9c7d4', skin: '#e8b796', hair: '#5a3825', shirt: '#1f4e79' });
  const citizen = await someone(office, 'citizen', { wall: '#d9d2c3', skin: '#d9a27c', hair: '#2e2a28', shirt: '#5f7a4e' });

  await citizen.go(zanolli.own);
  await picture(citizen, 'citizen');

  await office.moveClock('appuntamento');
  await desk.login();
  await desk.page.click('[data-sound]');
  await enter(citizen, seat);
  await step(citizen, 'lobby');
  await desk.page.waitForFunction(() => /In attesa da/.test(document.querySelector('[data-fresh=now]').innerText));
  await desk.page.keyboard.press('j');
  await picture(desk, 'desk');

  await office.moveClock('2026-11-24T10:04:00+01:00');
  await enter(citizen, seat);
  await enter(desk, `/scrivania/r/${zanolli.code}/sala`);
  await desk.page.waitForSelector('[data-admit]', { visible: true });
  await desk.page.click('[data-admit]');
  await seesAndHears(citizen);
  await seesAndHears(desk);
  await desk.page.evaluate(() => document.activeElement.blur());
  await pause(3000); // until the picture has its full size
  await picture(desk, 'room');
} finally {
  for (const person of people) await person.close();
  await office.close();
  rmSync(films, { recursive: true, force: true });
}

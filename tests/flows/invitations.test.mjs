// What calendars get, out of the letters of a real demo, read by a second parser (ical.js): one appointment is one UID whose
// SEQUENCE rises, whatever happens to it; what mail programs want of the message around it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import ICAL from 'ical.js';
import { Client } from './lib/client.mjs';
import { Demo, sample, until } from './lib/server.mjs';

const chiara = 'm.zanolli@studiozanolli.example';

/** The parts of a message, nested ones too, as they stand in it: {headers, body}. */
function partsOf(raw) {
  const [head, ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1];
  if (!boundary) return [{ head, body }];
  const inner = body.split(`--${boundary}`).slice(1, -1).map((part) => part.replace(/^\r\n/, '').replace(/\r\n$/, ''));
  return [{ head, body: null }, ...inner.flatMap(partsOf)];
}

const decoded = (part) => Buffer.from(part.body, 'base64').toString();
const typeOf = (part) => /Content-Type: ([^\r]+(?:\r\n [^\r]+)*)/.exec(part.head)?.[1].replace(/\r\n /g, ' ');

/** The calendar of a letter, after what every one of them has to fulfil. */
function calendarOf(letter, method) {
  const parts = partsOf(letter.raw);
  const [mixed, alternative, plain, html, inline, file] = parts;
  assert.equal(parts.length, 6);
  assert.match(typeOf(mixed), /^multipart\/mixed/);
  assert.match(typeOf(alternative), /^multipart\/alternative/);
  assert.equal(typeOf(plain), 'text/plain; charset=utf-8');
  assert.equal(typeOf(html), 'text/html; charset=utf-8');
  assert.equal(typeOf(inline), `text/calendar; charset=utf-8; method=${method}`);
  assert.doesNotMatch(inline.head, /Content-Disposition/i);
  assert.equal(typeOf(file), 'application/ics; name="invite.ics"');
  assert.match(file.head, /Content-Disposition: attachment; filename="invite\.ics"/);
  assert.equal(decoded(inline), decoded(file), 'the same bytes');
  for (const line of letter.raw.split('\r\n')) assert.ok(line.length <= 78 && /^[\x20-\x7e]*$/.test(line), line);

  const calendar = new ICAL.Component(ICAL.parse(decoded(inline)));
  const event = calendar.getFirstSubcomponent('vevent');
  const value = (name) => event.getFirstPropertyValue(name);
  const attendee = event.getFirstProperty('attendee');
  assert.equal(calendar.getFirstPropertyValue('method'), method);
  assert.equal(value('organizer'), `mailto:${letter.from.address}`, 'ORGANIZER is From');
  assert.equal(event.getFirstProperty('organizer').getParameter('cn'), letter.from.name);
  assert.equal(attendee.getFirstValue(), `mailto:${letter.to[0].address}`);
  assert.equal(attendee.getParameter('rsvp'), method === 'REQUEST' ? 'TRUE' : undefined);
  assert.equal(value('status'), method === 'REQUEST' ? 'CONFIRMED' : 'CANCELLED');
  assert.match(value('url'), /\/sala\/\w{26}$/);
  const conference = event.getFirstProperty('conference');
  assert.equal(conference.getFirstValue(), value('url'));
  assert.equal(event.getAllSubcomponents('valarm').length, method === 'REQUEST' ? 1 : 0);
  const rules = calendar.getFirstSubcomponent('vtimezone').getAllSubcomponents()
    .map((rule) => [rule.name, rule.getFirstPropertyValue('tzname'), rule.getFirstPropertyValue('rrule').toString()]);
  assert.deepEqual(rules.sort(), [['daylight', 'CEST', 'FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU'], ['standard', 'CET', 'FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU']]);
  // By the zone of the message itself, not by anything the parser knows.
  const zone = new ICAL.Timezone({ component: calendar.getFirstSubcomponent('vtimezone'), tzid: 'Europe/Rome' });
  const instant = (name) => { const time = value(name).clone(); time.zone = zone; return time.toUnixTime(); };
  return {
    uid: value('uid'), sequence: value('sequence'), stamp: value('dtstamp').toUnixTime(),
    zone: event.getFirstProperty('dtstart').getParameter('tzid'), wall: value('dtstart').toString(),
    starts: instant('dtstart'), ends: instant('dtend'),
  };
}

for (const { season, now, first, second, offset } of [
  { season: 'winter', now: '2026-11-20T09:00:00+01:00', first: '2026-11-24T10:00:00', second: '2026-11-26T10:20:00', offset: '+01:00' },
  { season: 'summer', now: '2026-07-10T09:00:00+02:00', first: '2026-07-14T10:00:00', second: '2026-07-16T10:20:00', offset: '+02:00' },
])
  describe(`the invitations of an appointment in ${season}`, () => {
    const at = (wall) => Date.parse(wall + offset) / 1000;
    const seen = [];
    let demo;
    let desk;
    let citizen;
    let path;
    let page;
    before(async () => {
      demo = await Demo.start({ now, environment: { SPORTELLO_MAIL_HOLD_S: '0' } });
      [citizen, desk] = [new Client(demo.url), await new Client(demo.url).login()];
      assert.equal(await demo.deliver(sample('01-chiara-geometra-scia.eml')), 0);
      const receipt = await demo.letter(chiara, /EDI-/);
      page = `/scrivania/r/${/EDI-\w{4}-\w{2}/.exec(receipt.subject)[0]}`;
      path = new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname;
    });
    after(async () => { assert.equal(await demo.stop(), 0); });

    /** The newest of the letters about `subject`, of which there are `count`. */
    const letter = (subject, count = 1) => until(async () => {
      const all = (await demo.letters()).filter((one) => one.to[0].address === chiara && subject.test(one.subject));
      return all.length === count && all[count - 1];
    }, `${count} letters about ${subject}`);
    const check = async (subject, method, sequence, wall, count) => {
      const read = calendarOf(await letter(subject, count), method);
      assert.equal(read.sequence, sequence);
      assert.deepEqual([read.zone, read.wall], ['Europe/Rome', wall]);
      assert.deepEqual([read.starts, read.ends], [at(wall), at(wall) + 20 * 60], 'also by the zone that it brings');
      for (const earlier of seen) {
        assert.equal(read.uid, earlier.uid, 'one UID for ever');
        assert.ok(read.sequence > earlier.sequence);
        assert.ok(read.stamp >= earlier.stamp);
      }
      seen.push(read);
    };

    test('confirmed', async () => {
      assert.equal((await desk.post(`${page}/conferma`, { inizio: at(first), versione: 0 }, page)).status, 303);
      await check(/confermata/, 'REQUEST', 0, first);
    });

    test('moved by the citizen', async () => {
      assert.equal((await citizen.post(`${path}/sposta`, { inizio: at(second) })).status, 303);
      await check(/spostata/, 'REQUEST', 1, second);
    });

    test('cancelled, taken back, cancelled again', async () => {
      assert.equal((await citizen.post(`${path}/annulla`, { motivo: 'solved' })).status, 303);
      await check(/annullata/, 'CANCEL', 2, second);
      assert.equal((await citizen.post(`${path}/ripristina`, {}, path)).status, 303);
      await check(/ripristinata/, 'REQUEST', 3, second);
      assert.equal((await citizen.post(`${path}/annulla`, { motivo: 'solved' })).status, 303);
      await check(/annullata/, 'CANCEL', 4, second, 2);
    });
  });

// Live connections as the server sees them, frame by frame: the desk's news, and the protocol of a room against somebody
// who does not keep to it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Demo, pause, sample } from './lib/server.mjs';
import { WebSocketClient } from './lib/websocket.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const nobody = '0'.repeat(26);

describe('live', () => {
  let demo;
  let desk;
  let secret;
  let open; // connections to be closed after each describe

  before(async () => {
    secret = join(mkdtempSync(join(tmpdir(), 'sportello-turn-')), 'secret');
    writeFileSync(secret, 'un-segreto-condiviso\n', { mode: 0o600 });
    demo = await Demo.start({ now: friday, environment: {
      SPORTELLO_ROOM_STUN_URLS: 'stun:127.0.0.1:3478', SPORTELLO_ROOM_TURN_URLS: 'turn:127.0.0.1:3478?transport=udp turns:127.0.0.1:5349', SPORTELLO_ROOM_TURN_SECRET_FILE: secret,
    } });
    desk = await new Client(demo.url).login();
    open = [];
  });
  after(async () => {
    for (const one of open) one.destroy();
    rmSync(dirname(secret), { recursive: true });
    assert.equal(await demo.stop(), 0);
  });

  const cookieOf = (who) => [...who.cookies].map((pair) => pair.join('=')).join('; ');

  async function connect(path, who, headers = {}) {
    const one = await WebSocketClient.connect(demo.url.replace('http', 'ws') + path, { headers: { ...(who ? { Cookie: cookieOf(who) } : {}), ...headers } });
    if (one.status === 101) open.push(one);
    return one;
  }

  let sent = 0;
  async function write() {
    sent += 1;
    const from = `dal-vivo-${sent}@studio.example`;
    const mail = sample('01-chiara-geometra-scia.eml').toString('latin1').replaceAll('m.zanolli@studiozanolli.example', from)
      .replace(/^Message-ID:.*$/im, `Message-ID: <live-${sent}@studio.example>`);
    assert.equal(await demo.deliver(Buffer.from(mail, 'latin1')), 0);
    const receipt = await demo.letter(from, /EDI-/);
    return { code: /EDI-\w{4}-\w{2}/.exec(receipt.subject)[0], path: new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname };
  }

  /** A request with an appointment: its code, and the paths of the citizen's and the officer's connection. */
  async function appointment(when) {
    const { code, path } = await write();
    const answer = await desk.post(`/scrivania/r/${code}/conferma`, { inizio: when, versione: 0 }, `/scrivania/r/${code}`);
    assert.equal(answer.status, 303, answer.text.slice(0, 500));
    const { room } = await new Client(demo.url).json(path);
    return { code, path, citizen: `${room}/live`, officer: `/scrivania/r/${code}/sala/live` };
  }

  const moveTo = async (moment) => {
    const answer = await desk.post('/orologio', { dove: 'istante', istante: moment }, '/posta-di-prova');
    assert.equal(answer.status, 303);
  };

  const ofType = (type) => (said) => said.type === type;
  const state = async (code) => (await desk.json(`/scrivania/r/${code}`)).appointment.state;

  describe('the handshake', () => {
    test('is for pages of our own alone', async () => {
      const { citizen, officer } = await appointment(at('12-15T09:00'));
      for (const [path, who] of [['/scrivania/live', desk], [officer, desk], [citizen, null]]) {
        for (const origin of ['https://altrove.example', `${demo.url}.altrove.example`, 'null', `http://127.0.0.1:1`])
          assert.equal((await connect(path, who, { Origin: origin })).status, 403, `${path} from ${origin}`);
        assert.equal((await connect(path, who, { Origin: demo.url })).status, 101, path);
      }
    });

    test('wants a session at the desk, a seat in a room, and what the standard asks', async () => {
      const { officer } = await appointment(at('12-15T09:20'));
      assert.equal((await connect('/scrivania/live')).status, 401);
      assert.equal((await connect(officer)).status, 401);
      assert.equal((await connect(`/sala/${nobody}/live`)).status, 404);
      assert.equal((await connect('/sala/x/live')).status, 404);
      assert.equal((await connect('/scrivania/live', desk, { 'Sec-WebSocket-Version': '8' })).status, 426);
      assert.equal((await connect('/scrivania/live', desk, { 'Sec-WebSocket-Key': 'kurz' })).status, 400);
      assert.equal((await connect('/scrivania/live', desk, { Upgrade: 'h2c' })).status, 400);
    });
  });

  describe('the desk', () => {
    test('is told of a request, of a reply, of a decision and its letter, of other mail', async () => {
      const live = await connect('/scrivania/live', desk);
      const { code, path } = await write();
      assert.equal((await live.next((said) => said.event === 'request', 'the request')).code, code);
      assert.equal((await live.next((said) => said.event === 'letter' && said.code === code, 'its receipt')).code, code);

      const form = new FormData();
      const citizen = new Client(demo.url);
      form.set('csrf', await citizen.csrf(path));
      form.set('parole', 'Aggiungo due righe.');
      assert.equal((await citizen.ask(`${path}/aggiungi`, { method: 'POST', body: form })).status, 303);
      assert.equal((await live.next((said) => said.event === 'thread', 'the reply')).code, code);

      const { version } = (await desk.json(`/scrivania/r/${code}`)).request;
      const decided = await desk.post(`/scrivania/r/${code}/telefono`, { testo: 'La chiamo.', versione: version }, `/scrivania/r/${code}`);
      assert.equal(decided.status, 303, decided.text.slice(0, 300));
      assert.equal((await live.next((said) => said.event === 'decision', 'the decision')).code, code);

      assert.equal(await demo.deliver(sample('09-fuori-ufficio.eml')), 0);
      await live.next((said) => said.event === 'other', 'the other mail');
      assert.doesNotMatch(JSON.stringify(live.said), /@|Zanolli|SCIA/, 'nothing personal');
      await live.close();
    });

    test('what it says itself is dropped, and nobody else hears it', async () => {
      const [one, other] = [await connect('/scrivania/live', desk), await connect('/scrivania/live', desk)];
      one.send({ event: 'request', code: 'EDI-FALS-A0' });
      const { code } = await write();
      for (const live of [one, other]) {
        assert.equal((await live.next((said) => said.event === 'request', 'the request')).code, code);
        assert.equal(live.said.some((said) => said.code === 'EDI-FALS-A0'), false);
        await live.close();
      }
    });
  });

  describe('a room', () => {
    test('before the lobby opens whoever enters is told so, and is not present', async () => {
      const { code, citizen } = await appointment(at('12-15T10:00'));
      const live = await connect(citizen);
      const welcome = await live.next(ofType('welcome'), 'the welcome');
      assert.deepEqual([welcome.starts_at, welcome.ends_at], [at('12-15T10:00'), at('12-15T10:20')]);
      live.send({ type: 'enter' });
      assert.equal((await live.next(ofType('refused'), 'the refusal')).reason, 'early');
      assert.equal(await live.ending(), 4004);
      assert.equal(await state(code), 'booked');
    });

    test('waiting, admitted, talking: each sees what it may, and the desk is told', async () => {
      const meeting = await appointment(at('11-24T10:00'));
      await moveTo('2026-11-24T09:50');
      const news = await connect('/scrivania/live', desk);
      const citizen = await connect(meeting.citizen, null, { Origin: demo.url });
      const me = (await citizen.next(ofType('welcome'), 'the welcome')).you;
      await pause(300);
      assert.equal(await state(meeting.code), 'booked', 'nobody is present before "Entra"');
      citizen.send({ type: 'enter' });
      const lobby = await citizen.next(ofType('lobby'), 'the place in the lobby');
      assert.deepEqual([lobby.place, lobby.wait_min], [1, 10]);
      const told = await news.next((said) => said.event === 'room', 'somebody waits');
      assert.deepEqual([told.code, told.state], [meeting.code, 'waiting']);
      const [waiting] = (await desk.json('/scrivania')).now.waiting;
      assert.equal(waiting.code, meeting.code);

      const officer = await connect(meeting.officer, desk);
      const host = (await officer.next(ofType('welcome'), 'the welcome')).you;
      officer.send({ type: 'enter' });
      await officer.next(ofType('admitted'), 'the officer is inside at once');
      const shown = await officer.next((said) => said.type === 'lobby' && said.waiting?.length === 1, 'who waits');
      assert.deepEqual(shown.waiting, [{ id: me, name: shown.waiting[0].name }]);

      // Not yet inside: no signal reaches anybody, nobody is told who is there.
      citizen.send({ type: 'signal', to: host, data: { description: 'intruder' } });
      officer.send({ type: 'signal', to: me, data: { description: 'too soon' } });
      citizen.send({ type: 'admit', peer: me });
      citizen.send({ type: 'media', camera: true, microphone: true });
      citizen.send({ type: 'enter' });
      await pause(400);
      assert.equal(officer.said.some(ofType('signal')), false);
      assert.equal(citizen.said.some((said) => ['signal', 'admitted', 'peers'].includes(said.type)), false, JSON.stringify(citizen.said));
      assert.equal(await state(meeting.code), 'waiting');

      officer.send({ type: 'admit', peer: me });
      await citizen.next(ofType('admitted'), 'the admission');
      const { peers } = await citizen.next((said) => said.type === 'peers' && said.peers.length === 2, 'who is inside');
      assert.deepEqual(peers.map((peer) => [peer.id, peer.role]).sort(), [[me, 'citizen'], [host, 'officer']].sort());
      await news.next((said) => said.event === 'room' && said.state === 'in_call', 'the call');
      citizen.send({ type: 'signal', to: host, data: { description: 'offer' } });
      assert.deepEqual(await officer.next(ofType('signal'), 'the offer'), { type: 'signal', from: me, data: { description: 'offer' } });
      officer.send({ type: 'signal', to: me, data: ['answer', 1, null] });
      assert.deepEqual(await citizen.next(ofType('signal'), 'the answer'), { type: 'signal', from: host, data: ['answer', 1, null] });

      const other = await appointment(at('11-24T11:00'));
      await moveTo('2026-11-24T10:50');
      const stranger = await connect(other.citizen);
      stranger.send({ type: 'enter' });
      await stranger.next(ofType('lobby'), 'its own lobby');
      stranger.send({ type: 'signal', to: host, data: 'x' });
      stranger.send({ type: 'admit', peer: me });
      officer.send({ type: 'signal', to: (await stranger.next(ofType('welcome'), 'its welcome')).you, data: 'x' });
      await pause(300);
      assert.equal(officer.said.some(ofType('signal')), false, 'another room is another room');
      assert.equal(stranger.said.some(ofType('signal')), false);

      await citizen.close();
      const alone = await officer.next((said) => said.type === 'peers' && said.peers.length === 1, 'who is left');
      assert.equal(alone.peers[0].role, 'officer');
      for (const one of [officer, stranger, news]) await one.close();
    });

    test('the same seat opened again goes on where the first was', async () => {
      const meeting = await appointment(at('11-24T11:40'));
      await moveTo('2026-11-24T11:30');
      const first = await connect(meeting.citizen);
      first.send({ type: 'enter' });
      await first.next(ofType('lobby'), 'the lobby');
      const second = await connect(meeting.citizen);
      assert.equal(await first.ending(), 4003);
      second.send({ type: 'enter' });
      await second.next(ofType('lobby'), 'the lobby again');
      assert.equal(await state(meeting.code), 'waiting');
      await second.close();
    });

    test('a cancellation ends it for everybody, and the connection that comes later finds nothing', async () => {
      const meeting = await appointment(at('11-24T12:00'));
      await moveTo('2026-11-24T09:45'); // early enough for the citizen to cancel
      const [citizen, officer] = [await connect(meeting.citizen), await connect(meeting.officer, desk)];
      officer.send({ type: 'enter' });
      await officer.next(ofType('admitted'), 'the officer is inside');
      assert.equal((await new Client(demo.url).post(`${meeting.path}/annulla`, { motivo: 'solved' })).status, 303);
      for (const one of [citizen, officer]) {
        assert.equal((await one.next(ofType('ended'), 'the end')).reason, 'cancelled');
        assert.equal(await one.ending(), 4004);
      }
      assert.equal((await connect(meeting.citizen)).status, 404);
      assert.equal((await connect(meeting.officer, desk)).status, 404);
    });

    test('nonsense, floods and broken frames hurt nobody but who sends them', async () => {
      const meeting = await appointment(at('11-26T10:00'));
      await moveTo('2026-11-26T09:50');
      const officer = await connect(meeting.officer, desk);
      officer.send({ type: 'enter' });
      await officer.next(ofType('admitted'), 'the officer is inside');
      const words = ['', '{', '[]', 'null', '"enter"', '{"type":7}', '{"type":"unknown"}', '{"type":"admit"}', '{"type":"admit","peer":"x"}', '{"type":"admit","peer":-1}',
        '{"type":"signal"}', '{"type":"signal","to":99999999999999999999,"data":1}', '{"type":"signal","to":1}', '{"type":"media","camera":"yes"}', '{"type":"leave"}', '['.repeat(60000)];
      const citizen = await connect(meeting.citizen);
      for (const text of words) citizen.sendFrame('text', text);
      citizen.send({ type: 'enter' });
      await citizen.next(ofType('lobby'), 'the lobby, after all that');

      const codes = {
        'larger than 64 KiB': [(one) => one.sendFrame('text', 'x'.repeat(70000)), 1009],
        'bytes': [(one) => one.sendFrame('binary', Buffer.from([1, 2, 3])), 1003],
        'no UTF-8': [(one) => one.sendFrame('text', Buffer.from([0xff, 0xfe])), 1007],
        'not masked': [(one) => one.sendFrame('text', '{}', { masked: false }), 1002],
      };
      for (const [what, [misbehave, code]] of Object.entries(codes)) {
        const one = await connect(meeting.citizen); // the newer connection of the seat goes on
        misbehave(one);
        assert.equal(await one.ending(), code, what);
      }
      const flood = await connect(meeting.citizen);
      flood.send({ type: 'enter' });
      await flood.next(ofType('lobby'), 'the lobby');
      officer.said.length = 0;
      for (let i = 0; i < 5000; i += 1) flood.send({ type: i % 2 ? 'media' : 'signal', camera: i % 4 === 1, to: 1, data: 'x'.repeat(50) });
      assert.equal(await flood.ending(), 1008);
      await officer.next((said) => said.type === 'lobby' && said.waiting.length === 0, 'the one who is gone');
      assert.deepEqual([...new Set(officer.said.map((said) => said.type))], ['peers'], 'nothing of what somebody said who only waits');
      assert.ok(officer.said.length < 5, JSON.stringify(officer.said).slice(0, 500));
      const began = Date.now();
      assert.equal((await desk.get('/scrivania')).status, 200);
      assert.ok(Date.now() - began < 5000);
      officer.send({ type: 'leave' });
      await officer.close();
    });

    test('whoever is inside cannot drown the others either', async () => {
      const meeting = await appointment(at('11-26T10:40'));
      await moveTo('2026-11-26T10:35');
      const [citizen, officer] = [await connect(meeting.citizen), await connect(meeting.officer, desk)];
      citizen.send({ type: 'enter' });
      const me = (await citizen.next(ofType('welcome'), 'the welcome')).you;
      officer.send({ type: 'enter' });
      const host = (await officer.next(ofType('welcome'), 'the welcome')).you;
      await officer.next((said) => said.type === 'lobby' && said.waiting?.length === 1, 'who waits');
      officer.send({ type: 'admit', peer: me });
      await citizen.next(ofType('admitted'), 'the admission');
      await officer.next((said) => said.type === 'peers' && said.peers.length === 2, 'both inside');
      officer.said.length = 0;
      for (let i = 0; i < 100; i += 1) citizen.send({ type: 'media', camera: true, microphone: true });
      await officer.next((said) => said.type === 'peers' && said.peers.some((peer) => peer.id === me && peer.camera), 'the camera');
      citizen.send({ type: 'media', camera: false, microphone: true });
      await officer.next((said) => said.type === 'peers' && said.peers.some((peer) => peer.id === me && !peer.camera), 'the camera is off');
      assert.deepEqual(officer.said, [], 'what is known already is not told again');
      for (let i = 0; i < 5000; i += 1) citizen.send({ type: 'signal', to: host, data: 'x'.repeat(200) });
      assert.equal(await citizen.ending(), 1008);
      await officer.next((said) => said.type === 'peers' && said.peers.length === 1, 'the officer alone');
      assert.ok(officer.said.filter(ofType('signal')).length <= 301, `${officer.said.length} messages`);
      await officer.close();
    });

    test('the welcome carries the servers for a difficult network, with a password of its own', async () => {
      const meeting = await appointment(at('12-15T10:40'));
      await moveTo('2026-12-15T08:00');
      const early = await connect(meeting.citizen);
      assert.equal((await early.next(ofType('welcome'), 'the welcome')).ice, undefined, 'who cannot enter needs none');
      await moveTo('2026-12-15T10:30');
      const one = await connect(meeting.citizen);
      const { ice, now } = await one.next(ofType('welcome'), 'the welcome');
      assert.deepEqual(ice[0], { urls: ['stun:127.0.0.1:3478'] });
      assert.deepEqual(ice[1].urls, ['turn:127.0.0.1:3478?transport=udp', 'turns:127.0.0.1:5349']);
      const valid = Number(ice[1].username.split(':')[0]) - Date.now() / 1000;
      assert.ok(valid > 3600 && valid < 24 * 3600, `${valid} s`);
      assert.equal(ice[1].credential, createHmac('sha1', 'un-segreto-condiviso').update(ice[1].username).digest('base64'), 'as coturn reckons it');
      assert.ok(now >= at('12-15T10:30') && now < at('12-15T10:40'));
      await one.close();
    });
  });

  test('who disappears without a word is waiting no longer, and the others go on', async () => {
    const meeting = await appointment(at('12-15T11:20'));
    await moveTo('2026-12-15T11:15');
    const [citizen, officer] = [await connect(meeting.citizen), await connect(meeting.officer, desk)];
    citizen.send({ type: 'enter' });
    officer.send({ type: 'enter' });
    await officer.next((said) => said.type === 'lobby' && said.waiting?.length === 1, 'who waits');
    citizen.destroy();
    await officer.next((said) => said.type === 'lobby' && said.waiting?.length === 0, 'nobody waits');
    await officer.close();
  });
});

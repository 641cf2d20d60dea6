// HTTP as proxies, scanners, slow clients and curious people use it: framing, limits, caching, TLS, the end of the
// server, and who may see what.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Client } from './lib/client.mjs';
import { Demo, Installation, freePort, officer, password, pause, program, run, sample, until } from './lib/server.mjs';
import { WebSocketClient } from './lib/websocket.mjs';

const friday = '2026-11-20T18:00:00+01:00';
const at = (text) => Date.parse(`2026-${text}:00+01:00`) / 1000;
const pages = ['/', '/ufficio/edilizia', '/prenota?servizio=1', '/p', '/privacy', '/accessibilita', '/note-legali', '/accedi'];

/** Bytes as they are; everything that came until the server closed, or `seconds` have passed. */
function raw(url, bytes, seconds = 15) {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect({ host: hostname, port });
    let text = '';
    const timer = setTimeout(() => { socket.destroy(); done({ text, closed: false }); }, seconds * 1000);
    socket.on('data', (piece) => { text += piece.toString('latin1'); });
    socket.on('error', () => {});
    socket.on('close', () => { clearTimeout(timer); done({ text, closed: true }); });
    socket.write(bytes);
  });
}

/** One request without fetch's own ideas about headers and bodies. */
function ask(url, { method = 'GET', headers = {}, tls } = {}) {
  return new Promise((done, failed) => {
    const asked = (tls ? secureRequest : plainRequest)(url, { method, headers, ...(tls ? { agent: new Agent(tls) } : {}) }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
    });
    asked.on('error', failed);
    asked.end();
  });
}

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A request of the first sample's author, as `from`. */
let sent = 0;
async function write(server, from, office = 'edilizia', prefix = 'EDI') {
  sent += 1;
  const mail = sample('01-chiara-geometra-scia.eml').toString('latin1').replaceAll('m.zanolli@studiozanolli.example', from)
    .replace(/^Message-ID:.*$/im, `Message-ID: <http-${sent}@studio.example>`);
  assert.equal(await server.deliver(Buffer.from(mail, 'latin1'), office), 0);
  const receipt = await server.letter(from, new RegExp(prefix));
  return { code: new RegExp(`${prefix}-\\w{4}-\\w{2}`).exec(receipt.subject)[0], path: new URL(/http\S+\/p\/\w{26}/.exec(receipt.text)[0]).pathname };
}

async function confirm(desk, code, when) {
  const answer = await desk.post(`/scrivania/r/${code}/conferma`, { inizio: when, versione: 0 }, `/scrivania/r/${code}`);
  assert.equal(answer.status, 303, answer.text.slice(0, 500));
}

describe('one connection', () => {
  let demo;
  before(async () => { demo = await Demo.start({ now: friday }); });
  after(() => demo.stop());

  const post = (headers, body) => `POST /p HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n${headers}\r\n\r\n${body}`;
  const smuggled = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

  const framings = {
    'Content-Length twice': 'Content-Length: 4\r\nContent-Length: 4',
    'two different Content-Length': 'Content-Length: 4\r\nContent-Length: 40',
    'Content-Length beside Transfer-Encoding': 'Content-Length: 4\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding beside Content-Length': 'Transfer-Encoding: chunked\r\nContent-Length: 4',
    'an unknown Transfer-Encoding': 'Transfer-Encoding: gzip, chunked',
    'a Content-Length that is no number': 'Content-Length: +4',
  };
  for (const [what, headers] of Object.entries(framings)) {
    test(`${what}: 400, the connection is closed, what follows is not read as a request`, async () => {
      const answer = await raw(demo.url, post(headers, `a=b&${smuggled}`));
      assert.match(answer.text, /^HTTP\/1\.1 400 /);
      assert.equal(answer.closed, true);
      assert.doesNotMatch(answer.text, /HTTP\/1\.1 200/);
      assert.match(answer.text, /connection: close/i);
    });
  }

  test('two requests in one packet are answered in order', async () => {
    const answer = await raw(demo.url, `${smuggled}GET /nulla HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.deepEqual(answer.text.match(/HTTP\/1\.1 (\d+)/g), ['HTTP/1.1 200', 'HTTP/1.1 404']);
  });

  test('HEAD is GET without the body, for a page, a file and /healthz', async () => {
    const [, file] = /href="(\/assets\/[^"]+\/css\/app\.css)"/.exec((await ask(demo.url)).body.toString());
    for (const path of ['/', file, '/healthz', '/nulla']) {
      const [head, get] = [await ask(demo.url + path, { method: 'HEAD' }), await ask(demo.url + path)];
      assert.equal(head.status, get.status, path);
      assert.equal(head.body.length, 0, path);
      assert.equal(head.headers['content-type'], get.headers['content-type'], path);
      assert.equal(head.headers['content-length'], get.headers['content-length'], path);
      assert.equal(Number(get.headers['content-length']), get.body.length, path);
    }
  });

  test('a method that a path does not know is told which it knows', async () => {
    const answer = await ask(`${demo.url}/esci`);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'POST');
  });

  test('an upload over the limit: 413 with the limit in words, and the next is served', async () => {
    const client = new Client(demo.url);
    const { path } = await write(demo, 'grande@studio.example');
    const csrf = await client.csrf(path);
    const form = new FormData();
    form.set('csrf', csrf);
    form.set('parole', 'Ecco le tavole.');
    form.append('file', new Blob([Buffer.alloc(46 << 20, 'x')]), 'tavole.pdf');
    const answer = await client.ask(`${path}/aggiungi`, { method: 'POST', body: form });
    assert.equal(answer.status, 413);
    assert.match(answer.text, /30 MB/);
    assert.equal((await client.get(path)).status, 200);
  });
});

describe('slow clients', () => {
  // A connection costs a file on both sides: the limits of this process are too low for 2,000 of them.
  const crowd = `
    const net = require('node:net');
    const [port, count] = process.argv.slice(-2).map(Number);
    let open = 0;
    const text = 'POST /p HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/x-www-form-urlencoded\\r\\nContent-Length: 2000\\r\\n\\r\\n' + 'a'.repeat(2000);
    const clients = [];
    const start = () => {
      const socket = net.connect(port, '127.0.0.1');
      const client = { socket, at: clients.length % 2 ? 100 : 0 }; // half are in the middle of their header, half of their body
      clients.push(client);
      socket.on('connect', () => { open += 1; if (client.at) socket.write(text.slice(0, client.at)); if (open === count) console.log('all'); });
      socket.on('error', () => {});
      socket.on('close', () => { client.gone = true; });
      if (clients.length < count) setImmediate(start);
    };
    start();
    setInterval(() => { for (const client of clients) if (!client.gone) client.socket.write(text[client.at++]); }, 3000);
    process.stdin.resume();
    process.stdin.on('end', () => process.exit());
  `;

  test('2,000 of them, a byte every three seconds, while others are served', async () => {
    const demo = await Demo.start({ now: friday, shell: ['prlimit', '--nofile=8192:8192'] });
    const slow = spawn('prlimit', ['--nofile=8192:8192', process.execPath, '-e', crowd, new URL(demo.url).port, '2000'], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      let said = '';
      slow.stdout.on('data', (text) => { said += text; });
      await until(() => said.includes('all'), '2,000 connections', 60);
      const taken = [];
      const end = Date.now() + 8000; // more than twice their pause
      while (Date.now() < end) {
        for (const path of ['/', '/prenota?servizio=1', '/healthz', '/accedi']) {
          const began = Date.now();
          assert.equal((await ask(demo.url + path)).status, 200, path);
          taken.push(Date.now() - began);
        }
        await pause(100);
      }
      assert.ok(Math.max(...taken) < 3000, `the slowest of ${taken.length} answers took ${Math.max(...taken)} ms`);
      assert.ok(taken.length > 40, `${taken.length} answers`);
    } finally {
      slow.stdin.end();
      await new Promise((done) => { slow.once('close', done); });
      assert.equal(await demo.stop(), 0);
    }
  });
});

describe('files and headers', () => {
  let demo;
  let file;
  before(async () => {
    demo = await Demo.start({ now: friday });
    [, file] = /href="(\/assets\/[^"]+\/css\/app\.css)"/.exec((await ask(demo.url)).body.toString());
  });
  after(() => demo.stop());

  test('a file is kept for ever under its hashed name, and is not sent again', async () => {
    assert.match(file, /^\/assets\/[0-9a-f]{8,}\/css\/app\.css$/);
    const answer = await ask(demo.url + file);
    assert.match(answer.headers['cache-control'], /max-age=31536000/);
    assert.match(answer.headers['cache-control'], /immutable/);
    assert.match(answer.headers.etag, /^"[^"]+"$/, 'a strong tag');
    assert.equal(answer.headers.vary, 'Accept-Encoding');
    const again = await ask(demo.url + file, { headers: { 'If-None-Match': answer.headers.etag } });
    assert.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, answer.headers.etag]);
    const any = await ask(demo.url + file, { headers: { 'If-None-Match': `"other", W/${answer.headers.etag}` } });
    assert.equal(any.status, 304, 'one of several, weakly compared (RFC 9110, 13.1.2)');
    assert.equal((await ask(demo.url + file, { headers: { 'If-None-Match': '"other"' } })).status, 200);
    assert.equal((await ask(demo.url + file.replace(/assets\/\w+/, 'assets/00000000'))).status, 404);
    assert.equal((await ask(`${demo.url}${file}/../../../etc/passwd`)).status, 404);
  });

  test('compressed as the client asks, each with a tag of its own', async () => {
    const plain = await ask(demo.url + file);
    assert.equal(plain.headers['content-encoding'], undefined);
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
    const tags = new Set([plain.headers.etag]);
    for (const [asked, wanted] of [['br, gzip', 'br'], ['gzip', 'gzip'], ['gzip, br;q=0', 'gzip'], ['GZIP;q=1.0', 'gzip']]) {
      const packed = await ask(demo.url + file, { headers: { 'Accept-Encoding': asked } });
      assert.equal(packed.headers['content-encoding'], wanted, asked);
      assert.ok(packed.body.length < plain.body.length / 2, `${asked}: ${packed.body.length} of ${plain.body.length}`);
      assert.equal(sha(unpack[wanted](packed.body)), sha(plain.body), asked);
      tags.add(packed.headers.etag);
    }
    assert.equal(tags.size, 3);
    for (const asked of ['identity', 'deflate', 'br;q=0, gzip;q=0'])
      assert.equal((await ask(demo.url + file, { headers: { 'Accept-Encoding': asked } })).headers['content-encoding'], undefined, asked);
  });

  test('each page forbids what no page of ours needs', async () => {
    for (const path of [...pages, '/nulla', '/scrivania']) {
      const { headers } = await ask(demo.url + path);
      const policy = Object.fromEntries(headers['content-security-policy'].split('; ').map((rule) => rule.split(/ (.*)/)));
      assert.equal(policy['default-src'], "'self'", path);
      assert.equal(policy['frame-ancestors'], "'none'", path);
      assert.equal(policy['form-action'], "'self'", path);
      assert.equal(policy['base-uri'], "'none'", path);
      assert.equal(policy['object-src'], "'none'", path);
      assert.equal(policy['connect-src'], `'self' ${demo.url.replace('http', 'ws')}`, path);
      assert.equal(Object.keys(policy).length, 6, headers['content-security-policy']);
      assert.doesNotMatch(headers['content-security-policy'], /unsafe|data:|\*/, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'same-origin', path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.match(headers['permissions-policy'], /camera=\(self\), microphone=\(self\)/, path);
      assert.match(headers['set-cookie'][0], /^sportello=\w{26}; Path=\/; HttpOnly; SameSite=Lax$/, path);
    }
  });

  test('the language: what the browser asks for, then what was chosen, which is remembered', async () => {
    const cases = [['it', 'it'], ['en-GB,en;q=0.9', 'en'], ['fr, en;q=0.8, it;q=0.2', 'en'], ['en;q=0.3, it;q=0.9', 'it'], ['de-AT, it;q=0.5', 'de'], ['ja', 'it'], ['', 'it']];
    for (const [asked, wanted] of cases) {
      const answer = await new Client(demo.url, asked).get('/');
      assert.match(answer.text, new RegExp(`<html lang="${wanted}">`), asked);
      assert.equal(answer.headers.get('content-language'), wanted, asked);
      assert.match(answer.headers.get('vary'), /Accept-Language/);
    }
    const client = new Client(demo.url, 'it');
    const shown = (await client.get('/privacy')).text;
    const link = /href="([^"]*\?lingua=en)"/.exec(shown);
    assert.ok(link, 'a visible switch');
    assert.match((await client.get(link[1])).text, /<html lang="en">/);
    assert.match((await client.get('/accedi')).text, /<html lang="en">/, 'remembered');
    await client.get('/?lingua=it');
    assert.match((await client.get('/accedi')).text, /<html lang="it">/);
  });

  test('JSON says what the page says', async () => {
    const plain = (text) => text.replace(/<[^>]+>/g, ' ').replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
      .replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replace(/\s+/g, ' ');
    const client = new Client(demo.url);
    const says = async (path, texts) => {
      const page = plain((await client.get(path)).text);
      for (const text of texts) assert.ok(page.includes(String(text).replace(/\s+/g, ' ')), `${path}: «${text}» is on the page`);
    };
    for (const path of pages) {
      const json = await client.json(path);
      assert.equal(json.here, path.split('?')[0], path);
      assert.equal(json.language, 'it', path);
      await says(path, [json.organisation?.name ?? 'Comune di Esempio']);
    }
    const [organisation] = (await client.json('/')).organisations;
    await says('/', organisation.offices.flatMap(({ office, next }) => [office.name, next.day_long, next.time]));
    const office = await client.json('/ufficio/edilizia');
    await says('/ufficio/edilizia', [office.office.name, office.office.phone_shown, office.office.address, office.office.purpose, ...office.week.days.map((day) => day.when.day)]);
    const times = await client.json('/prenota?servizio=1');
    await says('/prenota?servizio=1', [times.office.name, ...times.days.flatMap((day) => day.times ?? [])]);
    const refused = await client.ask('/nulla', { json: true });
    assert.deepEqual([refused.status, refused.json.problem.kind], [404, 'not_found']);
  });
});

describe('TLS of its own', () => {
  let folder;
  let server;
  let tls;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sportello-tls-'));
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]);
    assert.equal(made.status, 0, made.stderr.toString());
    tls = { ca: readFileSync(join(folder, 'certificate.pem')) };
    const port = await freePort();
    const config = join(folder, 'sportello.conf');
    writeFileSync(config, `[server]\nlisten = 127.0.0.1:${port}\npublic_url = https://127.0.0.1:${port}\ntls_certificate = certificate.pem\ntls_key = key.pem\n`);
    const add = run(['office', 'add', '--config', config, '--organisation', 'e', '--organisation-name', 'Comune di Esempio', '--slug', 'edilizia', '--name', 'Edilizia',
      '--address', 'e@e.example', '--prefix', 'EDI', '--service', 'Videochiamata', '--hours', 'tue 9:00-12:30']);
    assert.equal(add.code, 0, add.err);
    assert.equal(run(['user', 'add', '--config', config, '--email', officer, '--name', 'O', '--office', 'edilizia'], `${password}\n`).code, 0);
    server = new Installation();
    Object.assign(server, { folder, keep: true, config, url: `https://127.0.0.1:${port}` });
    server.answers = () => ask(`${server.url}/healthz`, { tls }).then((answer) => answer.status === 200, () => false);
    await server.launch(['serve', '--config', config]);
  });
  after(async () => {
    assert.equal(await server.stop(), 0);
    rmSync(folder, { recursive: true, force: true });
  });

  test('pages and files come whole, cookies are for https alone', async () => {
    const page = await ask(server.url, { tls });
    assert.equal(page.status, 200);
    assert.match(page.headers['set-cookie'][0], /^__Host-sportello=.*; Secure/);
    assert.match(page.headers['content-security-policy'], new RegExp(`connect-src 'self' ${server.url.replace('https', 'wss')};`));
    assert.match(page.headers['strict-transport-security'], /max-age=\d+/);
    const [, file] = /href="(\/assets\/[^"]+\/css\/app\.css)"/.exec(page.body.toString());
    const css = await ask(server.url + file, { tls });
    assert.equal(css.body.length, Number(css.headers['content-length']));
    assert.match(css.body.toString(), /bootstrap-italia-version/);
  });

  test('who speaks plain HTTP to it gets nothing', async () => {
    const answer = await raw(server.url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.doesNotMatch(answer.text, /200 OK/);
  });

  test('the desk is live over wss too', async () => {
    const cookies = new Map();
    const go = (path, method, fields) => new Promise((done, failed) => {
      const body = fields ? new URLSearchParams(fields).toString() : '';
      const asked = secureRequest(server.url + path, { method, agent: new Agent(tls), headers: { 'Cookie': [...cookies].map((pair) => pair.join('=')).join('; '),
        ...(fields ? { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length } : {}) } }, (answer) => {
        for (const cookie of answer.headers['set-cookie'] ?? []) cookies.set(...cookie.split(';')[0].split(/=(.*)/).slice(0, 2));
        let text = '';
        answer.on('data', (piece) => { text += piece; }).on('end', () => done({ status: answer.statusCode, text }));
      });
      asked.on('error', failed);
      asked.end(body);
    });
    const csrf = /name="csrf" value="([^"]+)"/.exec((await go('/accedi', 'GET')).text)[1];
    assert.equal((await go('/accedi', 'POST', { csrf, email: officer, password })).status, 303);
    const live = await WebSocketClient.connect(`${server.url.replace('https', 'wss')}/scrivania/live`,
      { headers: { Cookie: [...cookies].map((pair) => pair.join('=')).join('; '), Origin: server.url }, tls });
    assert.equal(live.status, 101);
    assert.equal(await server.deliver(sample('01-chiara-geometra-scia.eml')), 0);
    const told = await live.next((said) => said.event === 'request', 'the new request');
    assert.match(told.code, /^EDI-/);
    assert.equal(await live.close(), 1000);
    const open = () => readdirSync(`/proc/${server.process.pid}/fd`).length;
    const before = open();
    const gone = await WebSocketClient.connect(`${server.url.replace('https', 'wss')}/scrivania/live`,
      { headers: { Cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }, tls });
    await until(() => open() > before, 'the connection');
    gone.destroy();
    await until(() => open() <= before, 'the server to see that somebody has gone without a word', 15);
  });
});

describe('beginning and end', () => {
  test('/healthz answers from the first moment the port listens, while the zygote is still warming', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-start-'));
    (await Demo.start({ folder })).stop(); // everything is made
    const port = await freePort();
    const child = spawn(program, ['demo', '--data', folder, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
    const ended = new Promise((done) => { child.once('close', done); });
    const seen = [];
    try {
      await until(async () => {
        const answer = await ask(`http://127.0.0.1:${port}/healthz`).then((a) => a.status, (error) => error.code);
        seen.push(answer);
        return seen.filter((one) => one === 200).length >= 20;
      }, () => `twenty answers: ${[...new Set(seen)]}`, 30);
    } finally {
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
      rmSync(folder, { recursive: true, force: true });
    }
    const first = seen.indexOf(200);
    assert.ok(seen.slice(0, first).every((one) => one === 'ECONNREFUSED'), `before: ${seen.slice(0, first)}`);
    assert.ok(seen.slice(first).every((one) => one === 200), `since: ${seen.slice(first)}`);
  });

  test('SIGTERM while it answers and with open WebSockets: all is answered, who is live is told, 0', async () => {
    const demo = await Demo.start({ now: friday });
    const desk = await new Client(demo.url).login();
    const cookie = [...desk.cookies].map((pair) => pair.join('=')).join('; ');
    const live = await Promise.all(Array.from({ length: 20 }, () =>
      WebSocketClient.connect(`${demo.url.replace('http', 'ws')}/scrivania/live`, { headers: { Cookie: cookie } })));
    const csrf = await new Client(demo.url).csrf('/accedi');
    assert.ok(csrf);
    const asked = Array.from({ length: 8 }, async () => { // argon2id, one at a time: slow enough to be caught in the middle
      const client = new Client(demo.url);
      return client.post('/accedi', { email: `${Math.random()}@comune.example`, password: 'sbagliata' });
    });
    await pause(300);
    demo.process.kill('SIGTERM');
    const answers = await Promise.allSettled(asked);
    const over = answers.filter((one) => one.status === 'fulfilled');
    assert.ok(over.every(({ value }) => [422, 429, 503].includes(value.status)), over.map(({ value }) => value.status).join(' '));
    for (const one of answers.filter(({ status }) => status === 'rejected'))
      assert.match(String(one.reason.cause?.code), /ECONNREFUSED|UND_ERR_SOCKET|ECONNRESET/, 'only who had not been heard yet is turned away');
    for (const one of live) assert.equal(await one.ending(), 1001);
    assert.equal(await demo.stop(), 0);
  });

  test('a large answer that is being read when SIGTERM comes is finished', async () => {
    const demo = await Demo.start({ now: friday });
    const { hostname, port } = new URL(demo.url);
    const [, file] = /href="(\/assets\/[^"]+\/css\/app\.css)"/.exec((await ask(demo.url)).body.toString());
    const whole = (await ask(demo.url + file)).body.length;
    const socket = connect({ host: hostname, port, highWaterMark: 4096 });
    const requests = 40; // more than the sockets' buffers hold
    let got = 0;
    socket.once('data', () => { socket.pause(); });
    socket.write(`GET ${file} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(requests));
    await pause(300);
    demo.process.kill('SIGTERM');
    await pause(300);
    let text = '';
    socket.on('data', (piece) => { got += piece.length; text += piece.toString('latin1'); });
    const closed = new Promise((done) => { socket.on('close', done); });
    socket.resume();
    await closed;
    const bodies = text.split(/(?=HTTP\/1\.1 200 OK)/).filter((one) => one.startsWith('HTTP/1.1 200')).map((one) => one.length - one.indexOf('\r\n\r\n') - 4);
    assert.ok(bodies.length >= 1 && bodies.every((length) => length === whole), `${bodies.length} answers of ${[...new Set(bodies)]} bytes, whole ${whole}`);
    assert.equal(await demo.stop(), 0);
  });
});

describe('who may see what', () => {
  let demo;
  let desk;
  let other; // of the other office, in another organisation
  before(async () => {
    demo = await Demo.start({ now: friday });
    const add = run(['office', 'add', '--config', demo.config, '--organisation', 'altrove', '--organisation-name', 'Comune di Altrove', '--slug', 'tributi', '--name', 'Tributi',
      '--address', 'tributi@altrove.example', '--prefix', 'TRI', '--service', 'Videochiamata', '--hours', 'tue 9:00-12:30']);
    assert.equal(add.code, 0, add.err);
    const user = run(['user', 'add', '--config', demo.config, '--email', 'bianchi@altrove.example', '--name', 'B. Bianchi', '--office', 'tributi', '--role', 'manager'], 'una-parola-lunga\n');
    assert.equal(user.code, 0, user.err);
    desk = await new Client(demo.url).login();
    other = await new Client(demo.url).login('bianchi@altrove.example', 'una-parola-lunga');
  });
  after(() => demo.stop());

  test('the link of an ended and of a cancelled appointment is a page in words', async () => {
    const client = new Client(demo.url);
    const cancelled = await write(demo, 'uno@studio.example');
    const ended = await write(demo, 'due@studio.example');
    await confirm(desk, cancelled.code, at('11-24T10:00'));
    await confirm(desk, ended.code, at('11-24T10:20'));
    const rooms = [];
    for (const { path } of [cancelled, ended]) rooms.push((await client.json(path)).room);
    assert.equal((await client.post(`${cancelled.path}/annulla`, { motivo: 'solved' })).status, 303);
    const outcome = await desk.post(`/scrivania/r/${ended.code}/esito`, { esito: 'documents', testo: 'Basta così.', minuti: '12' });
    assert.equal(outcome.status, 303, outcome.text.slice(0, 600));
    const words = [/annullat/i, /conclus|terminat|chius/i];
    for (const [index, room] of rooms.entries()) {
      const page = await client.get(room);
      assert.equal(page.status, 404);
      assert.match(page.text, /<h1/);
      assert.match(page.text, words[index]);
      assert.doesNotMatch(page.text, /due@studio|uno@studio|Zanolli/, 'never who it belonged to');
      assert.equal((await WebSocketClient.connect(`${demo.url.replace('http', 'ws')}${room}/live`)).status, 404);
    }
    for (const [index, { path }] of [cancelled, ended].entries()) {
      const page = await client.get(path);
      assert.equal(page.status, 200);
      assert.match(page.text, words[index]);
      assert.equal((await client.json(path)).room, undefined);
    }
  });

  test('an officer of one office gets 404 for everything of another, and sees none of it', async () => {
    const ours = await write(demo, 'nostro@studio.example');
    const theirs = await write(demo, 'loro@studio.example', 'tributi', 'TRI');
    await confirm(desk, ours.code, at('11-24T11:00'));
    assert.equal(await demo.deliver(sample('09-fuori-ufficio.eml')), 0);
    const [message] = (await until(async () => {
      const shown = await desk.json('/scrivania/altra-posta');
      return shown.messages.length ? shown : null;
    }, 'the other mail')).messages;
    const codes = async (who, list) => (await who.json(`/scrivania?elenco=${list}`)).rows.map((row) => row.code);
    assert.deepEqual(await codes(other, 'valutare'), [theirs.code]);
    assert.deepEqual(await codes(other, 'appuntamenti'), []);
    assert.ok(!(await codes(desk, 'valutare')).includes(theirs.code));
    assert.deepEqual((await other.json(`/scrivania?cerca=${ours.code}`)).rows, []);
    assert.deepEqual((await other.json('/scrivania?cerca=nostro@studio.example')).rows, []);
    assert.deepEqual((await other.json('/scrivania/altra-posta')).messages, []);
    assert.equal((await other.json('/risultati')).figures.requests.value, 1);

    const csrf = (await other.json('/privacy')).csrf;
    const pagesOf = ['', '/conferma', '/telefono', '/rispondi', '/chiedi', '/indirizza', '/rifiuta', '/sposta', '/annulla', '/esito', '/sala', '/allegato/1'];
    for (const part of pagesOf) {
      const answer = await other.get(`/scrivania/r/${ours.code}${part}`);
      assert.equal(answer.status, 404, part);
      assert.doesNotMatch(answer.text, /nostro@studio|Zanolli/);
    }
    for (const part of ['conferma', 'telefono', 'rispondi', 'chiedi', 'indirizza', 'rifiuta', 'sposta', 'annulla', 'esito', 'ripristina', 'annulla-decisione', 'assente', 'letta']) {
      const answer = await other.post(`/scrivania/r/${ours.code}/${part}`, { inizio: at('11-24T11:20'), testo: 'x', motivo: 'x', esito: 'documents', versione: 1 }, null, { csrf });
      assert.equal(answer.status, 404, part);
    }
    assert.equal((await other.get(`/scrivania/altra-posta/${message.id}`)).status, 404);
    assert.equal((await other.post('/scrivania/altra-posta', { messaggio: message.id }, null, { csrf })).status, 404);
    const live = await WebSocketClient.connect(`${demo.url.replace('http', 'ws')}/scrivania/r/${ours.code}/sala/live`,
      { headers: { Cookie: [...other.cookies].map((pair) => pair.join('=')).join('; ') } });
    assert.equal(live.status, 404);
    const after = await desk.json(`/scrivania/r/${ours.code}`);
    assert.deepEqual([after.request.state, after.appointment.when.at], ['booked', at('11-24T11:00')], 'nothing has changed');
  });

  test('what happens in one office is not told to the desk of another', async () => {
    const listen = async (who) => WebSocketClient.connect(`${demo.url.replace('http', 'ws')}/scrivania/live`,
      { headers: { Cookie: [...who.cookies].map((pair) => pair.join('=')).join('; ') } });
    const [mine, theirs] = [await listen(desk), await listen(other)];
    const { code } = await write(demo, 'ascolto@studio.example');
    assert.equal((await mine.next((said) => said.event === 'request', 'the request')).code, code);
    const second = await write(demo, 'ascolto2@studio.example', 'tributi', 'TRI');
    assert.equal((await theirs.next((said) => said.event === 'request', 'its own request')).code, second.code);
    assert.deepEqual(theirs.said.filter((said) => said.code === code), []);
    await mine.close();
    await theirs.close();
  });

  test('opening every link, as scanners of mail do, changes nothing', async () => {
    const mine = await write(demo, 'scanner@studio.example');
    await confirm(desk, mine.code, at('12-01T09:00'));
    const offered = await write(demo, 'scanner2@studio.example');
    const state = () => sha(spawnSync('sqlite3', [join(demo.folder, 'sportello.db'), '.dump'], { maxBuffer: 1 << 28 }).stdout);
    await until(() => demo.rows("SELECT count(*) FROM letter WHERE state IN ('waiting', 'sending')")[0][0] === '0', 'all letters sent', 30);
    const before = state();
    const [visitor, seen] = [new Client(demo.url), new Set()];
    const visit = async (who, path) => {
      if (seen.has(path) || !path.startsWith('/') || path.startsWith('/assets/') || seen.size > 300) return;
      seen.add(path);
      const answer = await who.get(path);
      assert.ok([200, 303, 404, 405, 409, 422].includes(answer.status), `${path}: ${answer.status}`);
      if (!answer.headers.get('content-type')?.startsWith('text/html')) return;
      for (const [, link] of answer.text.matchAll(/(?:href|action)="([^"#]+)[^"]*"/g)) await visit(who, link.replaceAll('&amp;', '&'));
    };
    for (const path of [mine.path, `${mine.path}/annulla`, `${mine.path}/sposta`, (await visitor.json(mine.path)).room, offered.path]) await visit(visitor, path);
    await visit(desk, `/scrivania/r/${mine.code}`);
    await visit(desk, `/scrivania/r/${offered.code}`);
    assert.ok(seen.size > 60 && [...seen].some((path) => path.endsWith('/esito')), `${seen.size} addresses`);
    assert.equal(state(), before);
  });

  test('the session of a disabled officer ends, and a new one does not begin', async () => {
    assert.equal((await other.get('/scrivania')).status, 200);
    const off = run(['user', 'disable', '--config', demo.config, '--email', 'bianchi@altrove.example']);
    assert.equal(off.code, 0, off.err);
    assert.equal((await other.get('/scrivania')).status, 303);
    assert.equal((await other.ask('/scrivania', { json: true })).status, 401);
    assert.equal((await new Client(demo.url).post('/accedi', { email: 'bianchi@altrove.example', password: 'una-parola-lunga' })).status, 422);
    assert.equal((await desk.get('/scrivania')).status, 200);
  });
});

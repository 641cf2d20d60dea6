// Certified mail (PEC): who vouches for a message is told on the desk, receipts follow the letter they are about, and
// who forges one changes nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { Provider, provider } from './lib/pec.mjs';
import { Demo, run, sample, samples, until } from './lib/server.mjs';

const codeIn = (text) => /EDI-\w{4}-\w{2}/.exec(text)[0];

describe('certified mail', () => {
  let folder;
  let pec;
  let demo;
  let desk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sportello-pec-'));
    pec = new Provider(folder);
    writeFileSync(join(folder, 'bundle.pem'), readFileSync(pec.ca, 'utf8') + readFileSync(join(samples, 'test-pec-ca.pem'), 'utf8'));
    demo = await Demo.start({ now: new Date().toISOString(), environment: { SPORTELLO_PEC_CA_FILE: join(folder, 'bundle.pem') } });
    desk = await new Client(demo.url).login();
  });
  after(async () => {
    await demo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = (code) => desk.json(`/scrivania/r/${code}`);
  const filed = (count) => until(() => Number(demo.rows("SELECT count(*) FROM message WHERE state <> 'stored'")[0][0]) >= count, 'the message to be read');
  async function arrives(bytes) {
    const [[count]] = demo.rows('SELECT count(*) FROM message');
    assert.equal(await demo.deliver(bytes), 0);
    await filed(Number(count) + 1);
  }

  /** A request by PEC: {code, receipt}. */
  async function begin(name, settings) {
    const from = `${name}@pec.example`;
    await arrives(pec.envelope(from, `Richiesta di ${name}`, 'Chiedo una videochiamata per la SCIA 12/2026.', settings));
    const receipt = await demo.letter(from, /EDI-/);
    return { code: codeIn(receipt.subject), receipt };
  }

  test('an envelope that its provider signed is shown so, and is a request by PEC', async () => {
    const { code } = await begin('anna');
    const { request, thread } = await shown(code);
    assert.equal(request.source, 'pec');
    const message = thread.find((entry) => entry.is_in);
    assert.deepEqual([message.from_email, message.pec, message.signature], ['anna@pec.example', { 'posta-certificata': true }, { is_verified: true, signer: provider }]);
    assert.match((await desk.get(`/scrivania/r/${code}`)).text, /firma verificata:\s*posta-certificata@gestore\.example/);
  });

  test('one that was altered, one without signature and an anomaly are shown so, and are read', async () => {
    const whole = pec.envelope('berta@pec.example', 'Richiesta di berta', 'Chiedo una videochiamata per la SCIA 13/2026.').toString();
    await arrives(Buffer.from(whole.replace('SCIA 13/2026', 'SCIA 31/2026')));
    const altered = await shown(codeIn((await demo.letter('berta@pec.example', /EDI-/)).subject));
    assert.deepEqual(altered.thread.find((entry) => entry.is_in).signature, { is_verified: false, why: { altered: true } });
    assert.equal(altered.request.source, 'mail', 'the desk does not call it certified');
    const unsigned = await shown((await begin('carla', { signed: false })).code);
    assert.equal(unsigned.thread.find((entry) => entry.is_in).is_unsigned, true);
    const { code } = await begin('dora', { kind: 'errore' });
    const { request, thread } = await shown(code);
    assert.equal(request.source, 'mail');
    assert.deepEqual(thread.find((entry) => entry.is_in).pec, { errore: true });
    assert.match((await desk.get(`/scrivania/r/${code}`)).text, /nella busta di un gestore: il mittente non è certificato/);
  });

  test('receipts stand under their letter, in the order of their times, and not as messages', async () => {
    const { code, receipt } = await begin('elena');
    await arrives(pec.receipt('avvenuta-consegna', receipt.messageId, { to: 'elena@pec.example', at: new Date() }));
    await arrives(pec.receipt('accettazione', receipt.messageId, { at: new Date(Date.now() - 60000) }));
    await arrives(pec.receipt('accettazione', receipt.messageId));
    const { thread } = await shown(code);
    const letter = thread.find((entry) => entry.is_out);
    assert.deepEqual(letter.receipts.map((one) => one.said), [{ accettazione: true }, { 'avvenuta-consegna': true }]);
    assert.equal(letter.receipts[1].recipient, 'elena@pec.example');
    assert.equal(letter.is_failed ?? false, false);
    assert.equal(thread.filter((entry) => entry.is_in).length, 1);
    assert.ok(!(await desk.json('/scrivania/altra-posta')).messages.some((one) => one.request_code === code), 'nor among the other mail');
    assert.equal(thread.find((entry) => entry.is_open).from_email, 'elena@pec.example');
    const page = (await desk.get(`/scrivania/r/${code}`)).text;
    assert.match(page, /Accettata <time[\s\S]*Consegnata <time/);
    const source = await desk.json(letter.receipts[1].url);
    assert.deepEqual([source.message.pec, source.message.signature.signer], [{ 'avvenuta-consegna': true }, provider]);
  });

  test('a failure marks the letter undelivered and says why; a warning only says so', async () => {
    const { code, receipt } = await begin('franca');
    await arrives(pec.receipt('preavviso-errore-consegna', receipt.messageId));
    assert.deepEqual((await desk.json('/scrivania?elenco=non-consegnate')).rows.map((row) => row.code), []);
    await arrives(pec.receipt('errore-consegna', receipt.messageId, { failure: 'no-dest', to: 'franca@pec.example' }));
    const letter = (await shown(code)).thread.find((entry) => entry.is_out);
    assert.equal(letter.is_failed, true);
    assert.deepEqual(letter.receipts.map((one) => one.because ?? null), [null, { 'no-dest': true }]);
    assert.deepEqual((await desk.json('/scrivania?elenco=non-consegnate')).rows.map((row) => row.code), [code]);
    assert.match((await desk.get(`/scrivania/r/${code}`)).text, /Non consegnata <time[^>]*>[^<]*<\/time>: il destinatario non esiste/);
  });

  test('a forged receipt is shown and changes nothing', async () => {
    const { code, receipt } = await begin('gina');
    await arrives(pec.receipt('errore-consegna', receipt.messageId, { signed: false }));
    await arrives(Buffer.from(pec.receipt('accettazione', receipt.messageId).toString().replace('X-Ricevuta: accettazione', 'X-Ricevuta: errore-consegna')));
    const { thread } = await shown(code);
    const letter = thread.find((entry) => entry.is_out);
    assert.deepEqual([letter.receipts, letter.is_failed ?? false], [[], false]);
    assert.deepEqual(thread.filter((entry) => entry.is_receipt).map((entry) => entry.is_doubted), [true, true]);
    assert.match((await desk.get(`/scrivania/r/${code}`)).text, /Non si può credere a questa ricevuta/);
    assert.equal((await desk.json('/scrivania/altra-posta')).messages.filter((one) => one.request_code === code).length, 2, 'and among the other mail');
    assert.match(demo.log, /event=receipt_doubted message=\d+ letter=\d+ type=errore-consegna/);
  });

  test('doctor tells whether the authorities can be read', () => {
    const config = join(demo.folder, 'authorities.conf');
    const said = (file) => {
      writeFileSync(config, `${readFileSync(demo.config, 'utf8')}\n[pec]\nca_file = ${file}\n`);
      return run(['doctor', '--config', config]).out;
    };
    assert.match(said(join(folder, 'bundle.pem')), /^ok +\[pec\] ca_file .*bundle\.pem: certificates: 2$/m);
    assert.match(said(join(samples, 'README.md')), /^FAIL +\[pec\] ca_file .*README\.md holds no certificate/m);
    assert.match(said('/nowhere.pem'), /^FAIL +\[pec\] ca_file \/nowhere\.pem is not there$/m);
  });

  test('`sportello read` tells whether the signature is valid', () => {
    const transport = (name, ...options) => JSON.parse(run(['read', ...options], sample(name)).out).transport;
    for (const name of ['05-pec-busta-trasporto.eml', '20-pec-ricevuta-consegna.eml']) {
      assert.equal(transport(name, '--ca', join(samples, 'test-pec-ca.pem')).signature, 'valid');
      assert.equal(transport(name, '--ca', pec.ca).signature, 'invalid');
      assert.equal(transport(name).signature, 'unknown');
      assert.equal(transport(name, '--ca', '/nowhere.pem').signature, 'unknown');
    }
    assert.equal(transport('01-chiara-geometra-scia.eml').signature ?? null, null);
  });
});

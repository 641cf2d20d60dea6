// From the moment Dovecot has accepted a mail (LMTP's 250) to the moment a desk that is open shows its request: IMAP
// IDLE, fetching, the durable row, the sandbox, the request with its receipt, the live event, and the desk asked anew as
// its page does. One mail at a time, with pauses that have nothing to do with Dovecot's own clock.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificates } from '../tests/flows/lib/certificates.mjs';
import { Dovecot } from '../tests/flows/lib/dovecot.mjs';
import { WebSocketClient } from '../tests/flows/lib/websocket.mjs';
import { Installation } from './installation.mjs';
import { holds, pause, round } from './tools.mjs';

const MAILS = 50;
const DOVECOT_MS = 500; /* NOTIFY_DELAY_MSECS, compiled in: no setting lowers it */

const mailOf = (number) => `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nFrom: Ada Prova <ada${number}@studio.example>\r\n`
  + `To: ufficio1@comune.example\r\nSubject: Misura ${number}\r\nMessage-ID: <misura-${number}@studio.example>\r\n\r\n`
  + `Buongiorno, vorrei un appuntamento per la SCIA ${number}/2026.\r\n${'Una riga di testo del progetto, come tante altre.\r\n'.repeat(400)}`;

/* Without losing one that comes while we look. */
async function shown(desk, cookie, subject, url) {
  for (;;) {
    await desk.next((event) => event.event === 'request', `the live event of ${subject}`);
    const answer = await fetch(`${url}/scrivania`, { headers: { Cookie: cookie, Accept: 'application/json' } });
    if ((await answer.text()).includes(`"${subject}"`)) return performance.now();
  }
}

export async function mailLatency(build) {
  const folder = mkdtempSync('/tmp/sportello-latency-');
  const certificates = makeCertificates(folder);
  const dovecot = await Dovecot.start({ users: { ufficio: 'segreto' }, ...certificates.good });
  const installation = await Installation.make(build);
  try {
    installation.office(1, 'tue 9:00-12:30');
    installation.officers(1);
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'segreto\n', { mode: 0o600 });
    writeFileSync(installation.config, `[mailbox ufficio]\noffice = ufficio-1\nurl = imaps://localhost:${dovecot.imapsPort}\nuser = ufficio\n`
      + `secret_file = ${secret}\nca_file = ${certificates.ca}\n`, { flag: 'a' });
    await installation.serve();
    const { cookie } = await installation.login(0);
    const desk = await WebSocketClient.connect(`${installation.url.replace('http', 'ws')}/scrivania/live`, { headers: { Cookie: cookie, Origin: installation.url } });
    holds(desk.status === 101, `the desk's live connection was answered ${desk.status}`);
    const times = [];
    for (let i = 0; i < MAILS; i++) {
      await dovecot.deliver('ufficio', mailOf(i));
      const accepted = performance.now();
      times.push(await shown(desk, cookie, `Misura ${i}`, installation.url) - accepted);
      await pause(100 + (i * 37) % 300);
    }
    const requests = Number(installation.sql('SELECT count(*) FROM request'));
    holds(requests === MAILS, `${requests} requests of ${MAILS} mails`);
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.ceil(share * MAILS) - 1];
    console.log(`mail-latency  ${MAILS} mails of 20 KB, accepted by Dovecot to shown on an open desk: p50 ${round(at(0.5), 0)} ms, `
      + `p95 ${round(at(0.95), 0)} ms (bar 1000), most ${round(at(1), 0)} ms; of it Dovecot gathers news for ${DOVECOT_MS} ms`);
    desk.socket.destroy();
  } finally {
    await installation.end();
    await dovecot.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

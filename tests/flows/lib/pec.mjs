// A provider of certified mail (PEC) of our own: its authority, its envelopes and receipts, signed by openssl.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const provider = 'posta-certificata@gestore.example';

function openssl(options, input) {
  const result = spawnSync('openssl', options, { input, maxBuffer: 1 << 26 });
  if (result.status !== 0) throw new Error(`openssl ${options[0]}: ${result.stderr}`);
  return result.stdout;
}

export class Provider {
  /** Certificates valid from now on, in `folder`; `ca` is the PEM file of the authority. */
  constructor(folder) {
    const path = (name) => join(folder, name);
    const key = (name) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path(`${name}.key`)];
    this.ca = path('pec-ca.pem');
    this.certificate = path('pec.pem');
    this.key = path('pec.key');
    openssl(['req', '-x509', ...key('pec-ca'), '-out', this.ca, '-days', '3650', '-subj', '/CN=Autorita di prova', '-addext', 'basicConstraints=critical,CA:TRUE']);
    openssl(['req', '-new', ...key('pec'), '-out', path('pec.csr'), '-subj', '/CN=Gestore di prova']);
    writeFileSync(path('pec.ext'), `subjectAltName=email:${provider}\nextendedKeyUsage=emailProtection\n`);
    openssl(['x509', '-req', '-in', path('pec.csr'), '-CA', this.ca, '-CAkey', path('pec-ca.key'), '-CAcreateserial', '-days', '3650',
      '-extfile', path('pec.ext'), '-out', this.certificate]);
    this.count = 0;
  }

  daticert(type, { sender, msgid, to, failure = 'nessuno', at = new Date() }) {
    const two = (number) => String(number).padStart(2, '0');
    return `<?xml version="1.0" encoding="UTF-8"?><postacert tipo="${type}" errore="${failure}"><intestazione><mittente>${sender}</mittente></intestazione>`
      + `<dati><data zona="+0000"><giorno>${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}</giorno>`
      + `<ora>${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}</ora></data>`
      + `<identificativo>opec.1@gestore.example</identificativo><msgid>&lt;${msgid}&gt;</msgid>${to ? `<consegna>${to}</consegna>` : ''}</dati></postacert>`;
  }

  /** The message as bytes. fields: of the outermost message; parts: what is signed; signed: false leaves the signature out. */
  message(fields, { words, daticert, inner, signed = true }) {
    const entity = ['Content-Type: multipart/mixed; boundary="PEC"', '',
      '--PEC', 'Content-Type: text/plain; charset=utf-8', '', words,
      ...daticert ? ['--PEC', 'Content-Type: application/xml; name="daticert.xml"', 'Content-Transfer-Encoding: base64', '', Buffer.from(daticert).toString('base64').replace(/.{72}/g, '$&\r\n')] : [],
      ...inner ? ['--PEC', 'Content-Type: message/rfc822; name="postacert.eml"', '', inner] : [],
      '--PEC--', ''].join('\r\n');
    const head = Object.entries({ From: provider, 'Message-ID': `<pec.${process.pid}.${this.count += 1}@gestore.example>`, Date: new Date().toUTCString(), ...fields })
      .map(([name, value]) => `${name}: ${value}\r\n`).join('');
    if (!signed) return Buffer.from(head + entity);
    const der = openssl(['cms', '-sign', '-binary', '-md', 'sha256', '-signer', this.certificate, '-inkey', this.key, '-outform', 'DER'], entity);
    return Buffer.from([`${head}Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg="sha-256"; boundary="SIG"`, '',
      'This is an S/MIME signed message', '', '--SIG', entity,
      '--SIG', 'Content-Type: application/pkcs7-signature; name="smime.p7s"', 'Content-Transfer-Encoding: base64', '',
      der.toString('base64').replace(/.{72}/g, '$&\r\n'), '--SIG--', ''].join('\r\n'));
  }

  /** A certified letter of somebody. */
  envelope(sender, subject, text, { kind = 'posta-certificata', ...settings } = {}) {
    const inner = [`From: ${sender}`, `Subject: ${subject}`, `Message-ID: <${subject.replace(/\W/g, '')}@pec.example>`, 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', text].join('\r\n');
    return this.message({ 'X-Trasporto': kind, Subject: `POSTA CERTIFICATA: ${subject}` }, {
      words: 'Messaggio di posta certificata', inner,
      daticert: kind === 'errore' ? null : this.daticert(kind, { sender, msgid: `${subject.replace(/\W/g, '')}@pec.example` }), ...settings });
  }

  /** A receipt of `type` about the letter with that Message-ID. */
  receipt(type, messageId, { failure, to, at, ...settings } = {}) {
    const msgid = messageId.replace(/[<>]/g, '');
    return this.message({ 'X-Ricevuta': type, 'X-Riferimento-Message-ID': `<${msgid}>`, Subject: `${type.toUpperCase()}: x` }, {
      words: `Ricevuta: ${type}`, daticert: this.daticert(type, { sender: 'ufficio@pec.comune.example', msgid, to, failure, at }), ...settings });
  }
}

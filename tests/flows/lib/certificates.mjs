// An authority and certificates for "localhost" and 127.0.0.1, and those nobody should trust. Made by openssl.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

function openssl(...options) {
  const result = spawnSync('openssl', options, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`openssl ${options[0]}: ${result.stderr}`);
}

/**
 * Writes them into `folder`. { ca, good, selfSigned, wrongName, expired, stranger }: ca is a PEM file, each other one
 * { certificate, key }; `stranger` has the right name, from an authority that is not `ca`.
 */
export function makeCertificates(folder) {
  const path = (name) => join(folder, name);
  const authority = (name) => {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path(`${name}.key`),
      '-out', path(`${name}.pem`), '-days', '30', '-subj', `/CN=Prova ${name}`, '-addext', 'basicConstraints=critical,CA:TRUE',
      '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
    return { certificate: path(`${name}.pem`), key: path(`${name}.key`) };
  };
  const leaf = (name, { issuer = null, names = 'DNS:localhost,IP:127.0.0.1', days = '30' } = {}) => {
    const subject = `/CN=${/DNS:([^,]+)/.exec(names)[1]}`;
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path(`${name}.key`)];
    if (!issuer) {
      openssl('req', '-x509', ...key, '-out', path(`${name}.pem`), '-days', days, '-subj', subject, '-addext', `subjectAltName=${names}`);
    } else {
      writeFileSync(path(`${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
      openssl('req', '-new', ...key, '-out', path(`${name}.csr`), '-subj', subject);
      openssl('x509', '-req', '-in', path(`${name}.csr`), '-CA', issuer.certificate, '-CAkey', issuer.key, '-CAcreateserial',
        '-days', days, '-extfile', path(`${name}.ext`), '-out', path(`${name}.pem`));
    }
    return { certificate: path(`${name}.pem`), key: path(`${name}.key`) };
  };
  const ca = authority('ca');
  return {
    ca: ca.certificate,
    good: leaf('good', { issuer: ca }),
    selfSigned: leaf('self-signed'),
    wrongName: leaf('wrong-name', { issuer: ca, names: 'DNS:posta.altrove.example' }),
    expired: leaf('expired', { issuer: ca, days: '-1' }),
    stranger: leaf('stranger', { issuer: authority('other-ca') }),
  };
}

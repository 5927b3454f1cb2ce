// A certificate authority for tests, and what it signs.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

// In `folder`: <name>.pem and <name>.key, a certificate that may sign others.
export class Authority {
  constructor(folder, name = 'ca') {
    this.folder = folder;
    this.name = name;
    openssl('req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${name}`,
      '-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.pem`));
  }

  path(file) {
    return path.join(this.folder, file);
  }

  get certificate() {
    return this.path(`${this.name}.pem`);
  }

  // <name>.pem and <name>.key, for these names (`DNS:a`, `IP:127.0.0.1`): { cert, key, ca } are files.
  sign(name, names) {
    const files = { cert: this.path(`${name}.pem`), key: this.path(`${name}.key`), ca: this.certificate };
    const request = this.path(`${name}.csr`);
    const extensions = this.path(`${name}.ext`);
    openssl('req', '-new', ...KEY, '-subj', `/CN=${name}`, '-keyout', files.key, '-out', request);
    writeFileSync(extensions, `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('x509', '-req', '-in', request, '-CA', this.certificate, '-CAkey', this.path(`${this.name}.key`),
      '-CAcreateserial', '-days', '2', '-extfile', extensions, '-out', files.cert);
    return files;
  }
}

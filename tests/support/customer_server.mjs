// A customer's own server: says whether a user may count (contract §4), over HTTPS, as slowly as it is told.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';

// A certificate for 127.0.0.1 that is its own authority: { cert, key } are files in `folder`.
export function makeCertificate(folder) {
  const files = { cert: path.join(folder, 'customer.crt'), key: path.join(folder, 'customer.key') };
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', files.key, '-out', files.cert],
  { stdio: 'ignore' });
  return files;
}

const MANY = 10; // calls at the same time

// Users whose presence ID begins with `w-valid` may count.
export class CustomerServer {
  key = '';
  delayMs = 0;
  delayUnderLoadMs = 0; // more, where many calls are there
  calls = 0;
  peak = 0; // calls at the same time
  #now = 0;

  static async start({ cert, key }) {
    const server = new CustomerServer();
    server.https = https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, answer) => server.#answer(request, answer));
    server.https.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
    await once(server.https, 'listening');
    server.uri = `https://127.0.0.1:${server.https.address().port}/verify`;
    return server;
  }

  async #answer(request, answer) {
    this.calls += 1;
    this.#now += 1;
    this.peak = Math.max(this.peak, this.#now);
    let isUnderWay = true;
    const end = () => {
      if (isUnderWay) this.#now -= 1;
      isUnderWay = false;
    };
    answer.on('close', end); // by a caller who waits no longer
    let body = '';
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return; // the caller gave up
    }
    const delayMs = this.delayMs + (this.#now > MANY ? this.delayUnderLoadMs : 0);
    const mayCount = request.method === 'POST' && JSON.parse(body).pId.startsWith('w-valid');
    setTimeout(() => {
      end();
      answer.writeHead(mayCount ? 200 : 401, { 'content-type': 'text/plain' });
      answer.end(this.key);
    }, delayMs);
  }

  async stop() {
    this.https.closeAllConnections();
    this.https.close();
    await once(this.https, 'close');
  }
}

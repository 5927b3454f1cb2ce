// A customer's server that is as bad as it is told to be: one of `MISDEEDS`, or none.
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

const filesOf = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) });

const dribble = async (answer, text) => {
  for (const byte of text) {
    answer.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  answer.end();
};

// What it does in place of a good answer.
export const MISDEEDS = {
  hangs: () => {},
  'answers 500': (answer, key) => answer.writeHead(500).end(key),
  'answers with another body': (answer) => answer.writeHead(200).end('yes'),
  'sends 2 MB': (answer) => answer.writeHead(200).end('x'.repeat(2 << 20)),
  redirects: (answer) => answer.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  resets: (answer) => answer.socket.resetAndDestroy(),
  'dribbles a byte a second': (answer, key) => dribble(answer.writeHead(200), key),
};

export class MisbehavingCustomer {
  misdeed; // a name in MISDEEDS; nothing: behaves
  calls = 0;

  // Over HTTPS with a `certificate` of makeCertificate() (../support/customer_server.mjs), else over HTTP.
  static async start(key, certificate) {
    const customer = new MisbehavingCustomer();
    customer.key = key;
    const onRequest = (request, answer) => customer.#answer(request, answer).catch(() => {});
    customer.server = certificate ? https.createServer(filesOf(certificate), onRequest) : http.createServer(onRequest);
    customer.server.on('tlsClientError', () => {});
    customer.server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 });
    await once(customer.server, 'listening');
    customer.uri = `${certificate ? 'https' : 'http'}://127.0.0.1:${customer.server.address().port}/verify`;
    return customer;
  }

  async #answer(request, answer) {
    this.calls += 1;
    answer.on('error', () => {});
    let body = '';
    for await (const chunk of request) body += chunk;
    if (this.misdeed) return MISDEEDS[this.misdeed](answer, this.key);
    const mayCount = !/w-invalid|stranger/.test(JSON.parse(body).pId);
    return answer.writeHead(mayCount ? 200 : 401).end(this.key);
  }

  // From now on it shows a certificate that nobody trusts.
  showCertificate(certificate) {
    this.server.setSecureContext(filesOf(certificate));
    this.server.closeAllConnections();
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

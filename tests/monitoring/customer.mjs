// A customer's own server, which says who may count (contract §4): as slowly, and as wrongly, as it is told.
import { once } from 'node:events';
import http from 'node:http';
import { sleep } from '../support/wait.mjs';

// Users whose presence ID begins with `w-invalid` may not count.
export class Customer {
  key = '';
  isBroken = false;
  delayMs = () => 5 + 60 * Math.random() ** 3;

  static async start() {
    const customer = new Customer();
    customer.server = http.createServer((request, answer) => customer.#answer(request, answer));
    customer.server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(customer.server, 'listening');
    customer.uri = `http://127.0.0.1:${customer.server.address().port}/verify`;
    return customer;
  }

  async #answer(request, answer) {
    let body = '';
    for await (const chunk of request) body += chunk;
    await sleep(this.delayMs());
    const { pId } = JSON.parse(body);
    answer.writeHead(this.isBroken ? 500 : pId.startsWith('w-invalid') ? 401 : 200, { 'content-type': 'text/plain' });
    answer.end(this.key);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

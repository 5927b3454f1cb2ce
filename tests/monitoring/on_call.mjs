// Who is paged: takes what Alertmanager sends, and remembers when each alert began and ended.
import { once } from 'node:events';
import http from 'node:http';

export class OnCall {
  told = []; // { name: "alert" or "alert window", status, at, alert }

  static async start() {
    const onCall = new OnCall();
    onCall.server = http.createServer((request, answer) => onCall.#take(request, answer));
    onCall.server.listen(0, '127.0.0.1');
    await once(onCall.server, 'listening');
    onCall.url = `http://127.0.0.1:${onCall.server.address().port}/`;
    return onCall;
  }

  async #take(request, answer) {
    let body = '';
    for await (const chunk of request) body += chunk;
    answer.end();
    for (const alert of JSON.parse(body).alerts) {
      const name = [alert.labels.alertname, alert.labels.window].filter(Boolean).join(' ');
      this.told.push({ name, status: alert.status, at: performance.now(), alert });
    }
  }

  // What it was first told of this since then.
  heard(name, status, since) {
    return this.told.find((told) => told.name === name && told.status === status && told.at >= since);
  }

  names() {
    return [...new Set(this.told.map(({ name, status }) => `${name} ${status}`))];
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

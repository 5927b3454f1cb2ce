// What kube-proxy does, in this process: whoever connects to a Service's address gets one of its pods, at random.
import { once } from 'node:events';
import net from 'node:net';

export class ServiceProxy {
  #servers = [];
  #sockets = new Set();

  // `select()` gives the pods that it may lead to now.
  constructor(service, address, select) {
    this.service = service;
    this.address = address;
    this.select = select;
  }

  async start() {
    for (const { port, targetPort } of this.service.spec.ports) {
      const server = net.createServer((client) => this.#connect(client, targetPort));
      server.listen(port, this.address);
      await once(server, 'listening');
      this.#servers.push(server);
    }
  }

  #connect(client, targetPort) {
    const pods = this.select();
    if (pods.length === 0) return client.resetAndDestroy();
    const pod = pods[Math.floor(Math.random() * pods.length)];
    const upstream = net.connect(pod.port(targetPort), pod.address);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => { this.#sockets.delete(from); to.destroy(); });
      from.pipe(to);
    }
    return undefined;
  }

  stop() {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

// A TCP relay that can lose everything, without a word, as a network does: what is sent while it is cut goes nowhere.
import { once } from 'node:events';
import net from 'node:net';

export class Relay {
  #sockets = new Set();
  #isCut = false;

  static async start(target) {
    const relay = new Relay();
    const [host, port] = target.split(':');
    relay.server = net.createServer((near) => relay.#join(near, host, Number(port)));
    relay.server.listen(0, '127.0.0.1');
    await once(relay.server, 'listening');
    relay.address = `127.0.0.1:${relay.server.address().port}`;
    return relay;
  }

  #join(near, host, port) {
    const ends = [near];
    if (!this.#isCut) ends.push(net.connect(port, host));
    for (const [end, other] of [[ends[0], ends[1]], [ends[1], ends[0]]]) {
      if (!end) continue;
      this.#sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        this.#sockets.delete(end);
        other?.destroy();
      });
      end.on('data', (bytes) => { if (!this.#isCut) other?.write(bytes); });
    }
  }

  cut() {
    this.#isCut = true;
  }

  // Both ends of all connections notice that they are lost.
  reset() {
    for (const socket of this.#sockets) socket.destroy();
  }

  // Those who were cut off notice now, and come anew.
  heal() {
    this.#isCut = false;
    this.reset();
  }

  stop() {
    this.heal();
    this.server.close();
  }
}

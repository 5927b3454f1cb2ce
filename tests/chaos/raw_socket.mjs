// A connection of somebody who does not keep to the rules: bytes as they are, and nothing is read unless
// asked for. It never throws for what the server does to it.
import { randomBytes } from 'node:crypto';
import net from 'node:net';

export class RawSocket {
  isClosed = false;
  isConnected = false;
  received = '';

  // `reads: false` never takes a byte from the kernel's buffer; `received` holds the first 4 KiB.
  constructor(base, { reads = true } = {}) {
    const { hostname, port } = new URL(`http://${base}`);
    this.openedAt = performance.now();
    this.socket = new net.Socket({ allowHalfOpen: true });
    if (reads) this.socket.on('data', (chunk) => this.#take(chunk));
    else this.socket.pause();
    this.socket.on('connect', () => { this.isConnected = true; });
    this.socket.on('end', () => this.socket.destroy());
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
    this.socket.connect(Number(port), hostname);
  }

  get age() {
    return performance.now() - this.openedAt;
  }

  #take(chunk) {
    if (this.received.length < 4096) this.received += chunk.toString('latin1');
    this.onData?.();
  }

  // Returns whether more may be written at once.
  write(bytes) {
    return !this.isClosed && this.socket.writable && this.socket.write(bytes);
  }

  // Resolves when the kernel took what was written, or the connection ended.
  drained() {
    return Promise.race([this.closed, new Promise((resolve) => { this.socket.once('drain', resolve); })]);
  }

  // Resolves with whether `text` came; false when the connection ended first.
  async got(text) {
    const came = new Promise((resolve) => {
      this.onData = () => this.received.includes(text) && resolve();
      this.onData();
    });
    await Promise.race([came, this.closed]);
    return this.received.includes(text);
  }

  end() {
    this.socket.end();
  }

  destroy() {
    this.socket.destroy();
  }

  // With a reset, as when the process dies with bytes unread.
  reset() {
    this.socket.resetAndDestroy();
  }
}

export function head(path, headers = {}, method = 'GET') {
  const lines = Object.entries({ host: 'abuse.example', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export function upgradeHead(path) {
  return head(path, {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': 13,
    'sec-websocket-key': randomBytes(16).toString('base64'),
  });
}

export const streamHead = (path) => head(path, { accept: 'text/event-stream' });

export const Opcode = { text: 1, close: 8, ping: 9, pong: 10 };

// A masked frame of a client. It announces `length` bytes, be there as many as there are.
export function frame(opcode, payload, { length = payload.length, isLast = true } = {}) {
  const start = Buffer.alloc(14);
  start[0] = (isLast ? 0x80 : 0) | opcode;
  let size = 2;
  if (length < 126) {
    start[1] = 0x80 | length;
  } else if (length < 65_536) {
    start[1] = 0x80 | 126;
    start.writeUInt16BE(length, 2);
    size = 4;
  } else {
    start[1] = 0x80 | 127;
    start.writeBigUInt64BE(BigInt(length), 2);
    size = 10;
  }
  return Buffer.concat([start.subarray(0, size + 4), payload]); // the mask is zero
}

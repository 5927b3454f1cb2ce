// Frames, heads and bodies that are too large, or say that they will be: each ends its connection,
// or its WebSocket with a close frame (the client, which does not answer that, is waited for 5 s).
import assert from 'node:assert/strict';
import { sleep } from '../../support/wait.mjs';
import { frame, head, Opcode, RawSocket, upgradeHead } from '../raw_socket.mjs';

const WAIT_MS = 2000;
const CLOSE_FRAME = '\x88'; // of the server; the heads of answers are ASCII
const SUB = upgradeHead('/sub?urlId=large&key=demo&pId=large');
const WATCH = upgradeHead('/watch?urlId=large&key=demo');
const letters = (size) => Buffer.alloc(size, 'a');

const CASES = {
  'a megabyte to /sub': [SUB, frame(Opcode.text, letters(1 << 20))],
  'a terabyte announced to /sub': [SUB, frame(Opcode.text, letters(2000), { length: 2 ** 40 })],
  'fragments without end to /sub': [SUB, ...Array.from({ length: 50 }, (_, i) =>
    frame(i ? 0 : Opcode.text, letters(100), { isLast: false }))],
  'a ping of 64 KiB': [SUB, frame(Opcode.ping, letters(65_536))],
  'a megabyte to /watch': [WATCH, frame(Opcode.text, letters(1 << 20))],
  'fragments without end to /watch': [WATCH, ...Array.from({ length: 50 }, (_, i) =>
    frame(i ? 0 : Opcode.text, letters(1000), { isLast: false }))],
  'a head of 100 KiB': [head('/sub?urlId=large&key=demo&pId=large', { 'x-large': letters(100_000) })],
  'a request line of 20 KiB': [head(`/sub?urlId=${letters(20_000)}&key=demo&pId=large`)],
  'a body of a terabyte': [head('/counters/6/', { 'content-length': 2 ** 40 }, 'POST'), letters(1 << 20)],
};

export async function abuse(target) {
  const names = Object.keys(CASES);
  const endings = Object.fromEntries(names.map((name) => [name, { ended: 0, stayed: 0 }]));
  await target.repeat(target.count(9, 36), async (number) => {
    const name = names[number % names.length];
    const socket = new RawSocket(target.host);
    const [first, ...frames] = CASES[name];
    socket.write(first);
    if (frames.length && first.includes('websocket')) await Promise.race([socket.got('\r\n\r\n'), sleep(WAIT_MS)]);
    frames.forEach((bytes) => socket.write(bytes));
    await Promise.race([socket.got(CLOSE_FRAME), sleep(WAIT_MS)]);
    const hasEnded = socket.isClosed || socket.received.includes(CLOSE_FRAME);
    endings[name][hasEnded ? 'ended' : 'stayed'] += 1;
    socket.destroy();
  });
  for (const [name, { ended, stayed }] of Object.entries(endings)) {
    assert.ok(ended > 0, `${name} never ended a connection, ${stayed} stayed`);
  }
  return { ended: Object.values(endings).reduce((sum, { ended }) => sum + ended, 0), kinds: names.length };
}

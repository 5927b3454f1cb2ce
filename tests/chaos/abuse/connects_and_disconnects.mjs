// Viewers who come, see a number and go, as fast as it goes: with a close frame, without, with a reset.
// Afterwards the gateway has the memory that it had.
import assert from 'node:assert/strict';
import { sleep } from '../../support/wait.mjs';
import { frame, Opcode, RawSocket, streamHead, upgradeHead } from '../raw_socket.mjs';

export const longMs = 240_000; // at most; it ends with the last one
export const longRssGrowth = 0.02;

const AT_ONCE = 50;
const LONGEST_MS = 3000;
const SOCKET = { head: upgradeHead, first: 'HTTP/1.1 101' };
const STREAM = { head: streamHead, first: 'data: ' };
const VISITS = [
  { ...SOCKET, leave: (socket) => socket.write(frame(Opcode.close, Buffer.from([3, 232]))) }, // 1000
  { ...SOCKET, leave: (socket) => socket.destroy() },
  { ...SOCKET, leave: (socket) => socket.reset() },
  { ...STREAM, leave: (socket) => socket.destroy() },
  { ...STREAM, leave: (socket) => socket.reset() },
];

export async function abuse(target) {
  let seen = 0;
  const visit = async (number) => {
    const { head, first, leave } = VISITS[number % VISITS.length];
    const socket = new RawSocket(target.host);
    socket.write(head(`/sub?urlId=visit${number % 100}&key=demo&pId=visitor${number}`));
    if (await Promise.race([socket.got(first), sleep(LONGEST_MS)])) seen += 1;
    leave(socket);
    await Promise.race([socket.closed, sleep(LONGEST_MS)]);
    socket.destroy();
  };
  const wanted = target.count(Infinity, 100_000);
  const made = await target.repeat(AT_ONCE, visit, wanted);
  assert.ok(seen > 0.9 * made, `only ${seen} of ${made} saw a number`);
  if (target.isLong) assert.equal(made, wanted, 'connects in the time there was');
  return { made, seen };
}

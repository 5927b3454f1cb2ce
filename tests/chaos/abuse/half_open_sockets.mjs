// Connections that are there and do nothing: never a byte, half a head, only one direction, no pong.
import assert from 'node:assert/strict';
import { RawSocket, streamHead, upgradeHead } from '../raw_socket.mjs';

const SUB = '/sub?urlId=half&key=demo&pId=half';
const GIVEN_UP_MS = 10_000; // without a whole head
const KINDS = [
  () => {},
  (socket) => socket.write(upgradeHead(SUB).slice(0, 40)),
  (socket) => {
    socket.write(upgradeHead(SUB).slice(0, 40));
    socket.end();
  },
  (socket) => {
    socket.write(streamHead(SUB));
    socket.end();
  },
  (socket) => socket.write(upgradeHead(SUB)),
];

export async function abuse(target) {
  let givenUp = 0; // of those without a whole head that stay
  const open = (index) => {
    const socket = new RawSocket(target.host);
    const kind = index % KINDS.length;
    KINDS[kind](socket);
    if (kind < 2) socket.closed.then(() => { if (!target.isOver) givenUp += 1; });
    return socket;
  };
  const count = target.count(500, 3000);
  const { connected, ended } = await target.keep(count, open);
  assert.ok(connected >= count, `only ${connected} connected`);
  if (target.ms > GIVEN_UP_MS + 5000) assert.ok(givenUp > 0, `none was given up in ${target.ms} ms`);
  return { connected, ended, givenUp };
}

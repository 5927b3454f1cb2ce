// Connections that are there and do nothing: never a byte, half a head, only one direction, no pong.
import assert from 'node:assert/strict';
import { RawSocket, streamHead, upgradeHead } from '../raw_socket.mjs';

const SUB = '/sub?urlId=half&key=demo&pId=half';
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
  const open = (index) => {
    const socket = new RawSocket(target.host);
    KINDS[index % KINDS.length](socket);
    return socket;
  };
  const count = target.count(500, 3000);
  const { connected, ended } = await target.keep(count, open);
  assert.ok(connected >= count, `only ${connected} connected`);
  return { connected, ended };
}

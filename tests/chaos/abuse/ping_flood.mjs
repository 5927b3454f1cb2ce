// Pings as fast as the gateway takes them, from clients that read the pongs and from those that do not.
import assert from 'node:assert/strict';
import { frame, Opcode, RawSocket, upgradeHead } from '../raw_socket.mjs';

const BATCH = Buffer.concat(Array.from({ length: 100 }, () => frame(Opcode.ping, Buffer.alloc(125, 'p'))));

export async function abuse(target) {
  let pings = 0;
  const flood = async (socket) => {
    socket.write(upgradeHead('/sub?urlId=pings&key=demo&pId=pinger'));
    while (!socket.isClosed && !target.isOver) {
      pings += 100;
      if (!socket.write(BATCH)) await Promise.race([socket.drained(), target.over]);
    }
  };
  const open = (index) => {
    const socket = new RawSocket(target.host, { reads: index % 2 === 0 });
    flood(socket);
    return socket;
  };
  const { connected, ended } = await target.keep(target.count(20, 100), open);
  assert.ok(pings > 1000, `only ${pings} pings`);
  return { connected, ended, pings };
}

// Pages that nobody has ever seen, as long as an urlId may be, by connections of their own and on /watch.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { sleep } from '../../support/wait.mjs';
import { frame, Opcode, RawSocket, upgradeHead } from '../raw_socket.mjs';

const ADD_MS = 110; // /watch takes ten messages a second
const ADDED = 7; // of 2,000 bytes: a message has at most 16 KiB
const WATCHED = 196;
const LONGEST_MS = 3000;

const newUrlId = () => randomBytes(1000).toString('hex');

export async function abuse(target) {
  let urlIds = 0;
  const visit = async () => {
    const socket = new RawSocket(target.host);
    socket.write(upgradeHead(`/sub?urlId=${newUrlId()}&key=demo&pId=${randomBytes(8).toString('hex')}`));
    if (await Promise.race([socket.got('HTTP/1.1 101'), sleep(LONGEST_MS)])) urlIds += 1;
    socket.destroy();
  };
  const browse = async (socket) => {
    socket.write(upgradeHead('/watch?urlId=known&key=demo'));
    const held = [];
    while (!socket.isClosed && !target.isOver) {
      const add = Array.from({ length: ADDED }, newUrlId);
      const isFull = held.length === WATCHED;
      const change = isFull ? { remove: held.splice(0, ADDED) } : { add };
      if (!isFull) {
        held.push(...add);
        urlIds += ADDED;
      }
      socket.write(frame(Opcode.text, Buffer.from(JSON.stringify(change))));
      socket.write(frame(Opcode.pong, Buffer.from('.'))); // what the pings hold
      await sleep(ADD_MS);
    }
  };
  const open = () => {
    const socket = new RawSocket(target.host);
    browse(socket);
    return socket;
  };
  const [visits, { ended }] = await Promise.all([target.repeat(50, visit), target.keep(target.count(10, 50), open)]);
  assert.ok(urlIds > 100, `only ${urlIds} urlIds`);
  assert.equal(ended, 0, 'ends of /watch connections that kept to the rules');
  return { visits, urlIds };
}

// A thousand connections a second from one address, gone again with the first answer.
import assert from 'node:assert/strict';
import { sleep } from '../../support/wait.mjs';
import { RawSocket, upgradeHead } from '../raw_socket.mjs';

const PER_SECOND = 1000;
const LEAST_PER_SECOND = 500; // alone, on a machine with no other work
const LONGEST_MS = 3000; // then it goes without an answer
const MOST_OPEN = PER_SECOND * LONGEST_MS / 1000; // also where this process gets no processor

export async function abuse(target) {
  const start = performance.now();
  const all = [];
  let answered = 0;
  let gone = 0;
  while (!target.isOver) {
    while (all.length < (performance.now() - start) / 1000 * PER_SECOND && all.length - gone < MOST_OPEN) {
      const socket = new RawSocket(target.host);
      socket.write(upgradeHead('/sub?urlId=storm&key=demo&pId=storm&i=f'));
      all.push(Promise.race([socket.got('HTTP/1.1 101'), sleep(LONGEST_MS)]).then((isOpen) => {
        if (isOpen) answered += 1;
        socket.destroy();
        return socket.closed.then(() => { gone += 1; });
      }));
    }
    await sleep(10);
  }
  const perSecond = Math.round(all.length / (performance.now() - start) * 1000);
  await Promise.all(all);
  assert.ok(answered > 0, `none of ${all.length} was answered`);
  if (target.isLong) assert.ok(perSecond > LEAST_PER_SECOND, `only ${perSecond} connects a second`);
  return { made: all.length, perSecond, answered };
}

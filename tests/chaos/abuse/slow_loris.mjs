// Heads that never end, a byte every half second: each is given up ten seconds after it began.
import assert from 'node:assert/strict';
import { RawSocket, upgradeHead } from '../raw_socket.mjs';

export const shortMs = 13_000; // so that the first of them are given up

const BYTE_MS = 500;
const GIVEN_UP_MS = 10_000;
const LONGEST_MS = 15_000; // 10 s, and what a busy machine adds; but see lag

export async function abuse(target) {
  const head = upgradeHead('/sub?urlId=loris&key=demo&pId=loris');
  let longest = 0;
  let lag = 0; // at most, of this process, which yields to all others
  let tick = performance.now();
  const ticking = setInterval(() => {
    lag = Math.max(lag, performance.now() - tick - BYTE_MS);
    tick = performance.now();
  }, BYTE_MS);
  const open = () => {
    const socket = new RawSocket(target.host);
    let sent = 0;
    const timer = setInterval(() => socket.write(head[sent++ % (head.length - 4)]), BYTE_MS);
    Promise.race([socket.closed, target.over]).then(() => {
      clearInterval(timer);
      if (socket.isConnected) longest = Math.max(longest, socket.age);
    });
    return socket;
  };
  const { connected, ended } = await target.keep(target.count(300, 2000), open);
  clearInterval(ticking);
  assert.ok(connected > 0, 'nobody connected');
  if (target.ms > GIVEN_UP_MS + 2000) assert.ok(ended > 0, `none was given up in ${target.ms} ms`);
  assert.ok(longest < LONGEST_MS + 2 * lag, `a head that never ended was waited for ${Math.round(longest)} ms, with a lag of ${Math.round(lag)} ms`);
  return { connected, ended, longestMs: Math.round(longest), lagMs: Math.round(lag) };
}

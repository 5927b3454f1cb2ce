// Viewers of a busy counter that take no byte, and clients that ask for far more than they ever read.
import assert from 'node:assert/strict';
import { post } from '../../support/http.mjs';
import { sleep } from '../../support/wait.mjs';
import { head, RawSocket, streamHead, upgradeHead } from '../raw_socket.mjs';

const HIT_MS = 50;
const COUNTER = '/counters/5/';
const HEADS = [
  () => upgradeHead('/sub?urlId=unread&key=demo&pId=reader'),
  () => streamHead(COUNTER),
  () => streamHead('/sub?urlId=unread&key=demo&pId=reader'),
  () => upgradeHead(`/watch?key=demo&${Array.from({ length: 200 }, (_, i) => `urlId=unread${i}`).join('&')}`),
  () => head('/client.js').repeat(2000), // 6 MB of answers
];

export async function abuse(target) {
  let hits = 0;
  const hitting = target.repeat(1, async () => {
    await post(target.host, COUNTER).then(({ status }) => { hits += status === 200; }, () => {});
    await sleep(HIT_MS);
  });
  const open = (index) => {
    const socket = new RawSocket(target.host, { reads: false });
    socket.write(HEADS[index % HEADS.length]());
    return socket;
  };
  const { connected, ended } = await target.keep(500, open);
  await hitting;
  assert.ok(connected >= 500, `only ${connected} connected`);
  assert.ok(hits > 0, 'no hit was counted');
  return { connected, ended, hits };
}

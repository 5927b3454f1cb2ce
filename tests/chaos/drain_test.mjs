// A deploy of one gateway of two, as its viewers and those of the other see it: drained, ended, started
// again, while people reload the page and open it in more tabs. 600 viewers, and 10,000 with
// LIVECOUNTER_CHAOS_LONG=1.
//
// An observer at the other gateway never sees a number that is off by more than 1 %, and the gateway closes
// its WebSockets with 1001 and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Cluster } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { Random } from './random.mjs';
import { SocketViewer, StreamViewer } from './viewer.mjs';

const IS_LONG = process.env.LIVECOUNTER_CHAOS_LONG === '1';
const PEOPLE = IS_LONG ? 8000 : 480;
const TABS = PEOPLE * 1.25; // a quarter of the people have a second tab
const DRAIN_SECONDS = IS_LONG ? 20 : 5;
const RELOADS_A_SECOND = TABS / 100;
const TOLERANCE = 0.01;
const COME_MS = 120_000;
const SETTLE_MS = 15_000; // longer than the grace of a lost connection
const URL_ID = 'https://shop.example/deploy';
const GOING_AWAY = 1001;

// One tab; `codes` takes what its WebSockets were closed with, unless it closed them itself.
function openTab({ hosts, random, index, codes }) {
  const Kind = index % 5 === 0 ? StreamViewer : SocketViewer;
  const path = subPath({ urlId: URL_ID, pId: `person ${index % PEOPLE}` });
  const tab = new Kind({ hosts, random, path, tell: () => forget(tab), complain: (text) => assert.fail(text) });
  const connect = tab.connect.bind(tab);
  tab.connect = async () => {
    const connecting = connect();
    const { socket } = tab;
    socket?.closed.then(({ code }) => {
      if (socket.wasTold && !tab.isReloading) codes.set(code, (codes.get(code) ?? 0) + 1);
    });
    await connecting;
  };
  tab.connect();
  return tab;
}

function forget(tab) {
  if (!tab.socket) return;
  tab.socket.wasTold = true;
  tab.socket.messages.length = 0;
}

// Closes as a browser does and comes back at once, wherever it is sent.
async function reload(tab) {
  if (!tab.isOpen || !tab.socket || tab.isReloading) return;
  tab.isReloading = true;
  tab.socket.ws.close(GOING_AWAY);
  await tab.socket.closed;
  clearTimeout(tab.timer);
  await tab.connect();
  tab.isReloading = false;
}

describe('a deploy of a gateway', () => {
  const random = new Random(20261122);
  const codes = new Map();
  let cluster;
  let tabs = [];
  let isReloading = true;
  before(async () => {
    cluster = await Cluster.start({ gatewayFlags: [`--drain_seconds=${DRAIN_SECONDS}`] });
  });
  after(async () => {
    isReloading = false;
    for (const tab of tabs) tab.leave(true);
    await cluster?.kill();
  });

  async function reloadSome() {
    while (isReloading) {
      await sleep(1000 / RELOADS_A_SECOND);
      reload(random.pick(tabs)).catch(() => {});
    }
  }

  it('is not seen in the number', { timeout: 400_000 }, async () => {
    const [a, b] = cluster.hosts;
    const observer = await new Socket(b, subPath({ urlId: URL_ID, pId: 'observer', i: 'f' })).opened();
    for (let index = 0; index < TABS; index++) {
      tabs.push(openTab({ hosts: [a, b], random: random.fork(), index, codes }));
      if (index % 50 === 49) await sleep(50);
    }
    await observer.untilValue(PEOPLE, COME_MS);
    const reloading = reloadSome();
    await sleep(2000);

    codes.clear();
    observer.messages.length = 0;
    assert.equal(await cluster.gateways[0].stop(), 0, 'exit code of a drained gateway');
    await cluster.startGateway(0);
    await until(() => tabs.every(({ isOpen, isReloading: reloads }) => isOpen || reloads), COME_MS,
      () => `all are back; ${tabs.filter(({ isOpen }) => !isOpen).length} are not`);
    await sleep(SETTLE_MS);
    isReloading = false;
    await reloading;
    await observer.untilValue(PEOPLE, SETTLE_MS);

    const seen = observer.values;
    const off = seen.map((value) => Math.abs(value - PEOPLE) / PEOPLE);
    const worst = Math.max(0, ...off);
    console.log(`${PEOPLE} people in ${TABS} tabs: ${seen.length} numbers seen, ${Math.min(PEOPLE, ...seen)} to ${Math.max(PEOPLE, ...seen)}, `
      + `${(100 * worst).toFixed(2)} % off at most; closed with ${JSON.stringify([...codes])}`);
    assert.ok(worst <= TOLERANCE, `saw ${seen}`);
    assert.deepEqual([...codes.keys()], [GOING_AWAY], 'close codes');
    observer.ws.terminate();
  });
});

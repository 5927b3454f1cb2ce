// <live-counter> in Chromium as those have it who do not see it, or do not want things to move: what is in the tree
// that screen readers read, and what is animated.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startAllInOne } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';
import { launch, openTab, startAll } from './browser.mjs';
import { servePage } from './site.mjs';

const BEGIN = new Date('2026-11-22T10:00:00Z');
const TOLD_MS = 10_000;

let browser;
let server;
let gateway;
before(async () => { [browser, server] = await startAll(launch(), startAllInOne()); gateway = server.address.http; });
after(() => Promise.all([browser?.close(), server?.kill()]));

// A page with one counter, whose connection page.say(message) speaks for. Its clock stands still.
async function openCounter(t, { attributes = '', reducedMotion = 'no-preference' } = {}) {
  const url = await servePage(t, {
    gateways: [gateway],
    html: `<script src="http://${gateway}/client.js" defer></script>
      <h1>Tent</h1><p>Here: <live-counter id="here" key="demo" url-id="tent" ${attributes}>–</live-counter></p>`,
  });
  const context = await browser.newContext({ reducedMotion, locale: 'en-US' });
  t.after(() => context.close());
  const page = await openTab(context, 'about:blank');
  await page.addInitScript(() => {
    const { animate } = Element.prototype;
    window.animations = [];
    Element.prototype.animate = function record(...details) {
      const animation = animate.apply(this, details);
      window.animations.push([this.id, animation.playState, animation.effect.getTiming().duration]);
      return animation;
    };
  });
  let socket;
  await page.routeWebSocket(/\/(sub|watch)\?/, (route) => { socket = route; });
  await page.clock.install({ time: BEGIN });
  await page.clock.pauseAt(new Date(BEGIN.getTime() + 1000));
  await page.goto(url);
  await page.clock.runFor(200); // lists gather for a moment
  await until(() => socket, 5000, 'a connection');
  page.say = async (message, text) => {
    socket.send(message);
    await until(async () => (await page.textContent('#here')) === text, 5000, `${text} is shown`);
  };
  page.tree = await context.newCDPSession(page);
  return page;
}

// The numbers, and the dash in place of one, that screen readers find, and how live their region is.
async function readOut(page) {
  const { nodes } = await page.tree.send('Accessibility.getFullAXTree');
  const seen = nodes.filter(({ ignored }) => !ignored);
  const numbers = seen.filter(({ role, name }) => role.value === 'StaticText' && /^[\d–]/.test(name?.value)).map(({ name }) => name.value);
  const live = seen.flatMap(({ properties = [] }) => properties.filter(({ name }) => name === 'live').map(({ value }) => value.value));
  return { numbers, live: [...new Set(live)] };
}

describe('screen readers', () => {
  it('find the number once, and are told politely what has come of it', async (t) => {
    const page = await openCounter(t);
    assert.deepEqual(await readOut(page), { numbers: [], live: [] });
    await page.say('1', '1');
    assert.deepEqual(await readOut(page), { numbers: ['1'], live: [] }, 'the first is there without a word');
    await page.say('2', '2');
    await page.say('1234', '1,234');
    assert.deepEqual(await readOut(page), { numbers: ['1'], live: ['polite'] }, 'live before it changes');
    await page.clock.runFor(TOLD_MS);
    assert.deepEqual(await readOut(page), { numbers: ['1,234'], live: ['polite'] });
    assert.deepEqual(page.troubles, []);
  });

  it('find the numbers of a list, and are told of no change', async (t) => {
    const page = await openCounter(t, { attributes: 'view-only' });
    await page.say('{"tent":3}', '3');
    await page.say('{"tent":4}', '4');
    await page.clock.runFor(TOLD_MS);
    const { numbers, live } = await readOut(page);
    assert.deepEqual(numbers, ['4']);
    assert.deepEqual(live.filter((value) => value !== 'off'), []);
  });
});

describe('a number that changes', () => {
  for (const [reducedMotion, expected] of [['no-preference', [['here', 'running', 300], ['here', 'running', 300]]], ['reduce', []]]) {
    it(`${expected.length ? 'moves in, but the first' : 'does not move'} where visitors prefer: ${reducedMotion}`, async (t) => {
      const page = await openCounter(t, { reducedMotion });
      for (const number of ['1', '2', '2', '3']) await page.say(number, number);
      assert.deepEqual(await page.evaluate(() => window.animations), expected);
    });
  }
});

// What holds whatever comes: any frames, any events in any order, any cut of a stream.
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { load } from '../../tests/support/packages.mjs';
import { loadPage, settle } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

const fc = load('fast-check');
// Of silence, and then of back-off.
const LONGEST_WAIT_MS = 120_000;

const count = fc.oneof(fc.nat({ max: 20_000 }), fc.maxSafeNat());
// What is no number of a counter, though some of it looks like one.
const noise = fc.oneof(
  fc.string().filter((text) => !(text.trim() && Number(text) >= 0)),
  fc.double({ max: -0.5, noNaN: true }).map(String),
  fc.nat().map((number) => `${number}.5`),
  fc.json().filter((text) => !/^\s*\d/.test(text)),
  fc.constantFrom('1e999', 'Infinity', 'NaN', '0x10', '٣', '{"a":1}', '[1]', '"1"', '1,2', '--1'),
  fc.uint8Array().map((bytes) => bytes.buffer),
  fc.constant(undefined),
  fc.constant(null),
);
const frame = fc.oneof(
  count.map((number) => ({ data: `${number}`, number })),
  noise.map((data) => ({ data })),
);

describe('any sequence of frames', () => {
  it('shows the last number of it, and nothing else ever', () => {
    fc.assert(fc.property(fc.array(frame), (frames) => {
      const page = loadPage();
      page.connect({ formatNumber: String });
      let expected = '–';
      for (const { data, number } of frames) {
        if (number !== undefined) expected = `${number}`;
        page.socket.say(data);
        assert.equal(page.element.textContent, expected);
      }
    }), { numRuns: 300 });
  });

  it('is the same as an event stream, however its bytes are cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(count, { minLength: 1, maxLength: 8 }), fc.array(fc.nat({ max: 60 })), async (numbers, cuts) => {
      const shown = [];
      const page = loadPage();
      page.connect({ counter: '1', formatNumber: (number) => { shown.push(number); return number; } });
      await page.request.accept();
      const text = `:   \nretry: 1500\n\n${numbers.map((number, i) => `: example data\nevent: message\nid: 7-${i}\ndata: ${number}\n\n`).join('')}`;
      let rest = text;
      for (const length of cuts) {
        await page.request.say(rest.slice(0, length));
        rest = rest.slice(length);
      }
      await page.request.say(rest);
      assert.deepEqual(shown, numbers);
    }), { numRuns: 50 });
  });
});

// What may happen to a page and its connection, as functions of the page.
const event = fc.oneof(
  fc.constant({ name: 'accept', run: ({ socket }) => isLive(socket) && !socket.isAccepted && accept(socket) }),
  frame.map(({ data }) => ({ name: `say ${data}`, run: ({ socket }) => isLive(socket) && socket.isAccepted && socket.say(data) })),
  fc.tuple(fc.constantFrom(1000, 1001, 1006, 1008, 1009, 1013, 4000), fc.constantFrom('', 'retry=1200', 'retry=99999999', 'retry=', 'bye'))
    .map(([code, reason]) => ({ name: `end ${code} ${reason}`, run: ({ socket }) => isLive(socket) && end(socket, code, reason) })),
  fc.constantFrom('online', 'offline', 'pagehide', 'pageshow').map((name) => ({ name, run: (page) => page.fire(name) })),
  fc.boolean().map((isHidden) => ({ name: `hidden ${isHidden}`, run: (page) => page.setHidden(isHidden) })),
  fc.nat({ max: 70_000 }).map((ms) => ({ name: `${ms} ms`, run: () => mock.timers.tick(ms) })),
);

const isLive = (socket) => socket !== undefined && socket.closedWith === undefined && !socket.hasEnded;
const accept = (socket) => {
  socket.isAccepted = true;
  socket.accept();
};
const end = (socket, code, reason) => {
  socket.hasEnded = true;
  socket.end(code, reason);
};
const liveOf = (page) => page.sockets.filter(isLive).length + page.requests.filter(({ isAborted }) => !isAborted).length;

describe('any sequence of events', () => {
  it('leaves one connection at most, none on a page that is gone, and in the end one', () => {
    fc.assert(fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const page = loadPage();
      const { close } = page.connect();
      let isGone = false;
      for (const { name, run } of events) {
        run(page);
        if (name === 'pagehide') isGone = true;
        if (name === 'pageshow') isGone = false;
        assert.ok(liveOf(page) <= (isGone ? 0 : 1), name);
      }
      if (isGone) page.fire('pageshow');
      const tries = page.tries.length;
      // In steps: timers that are set meanwhile count from the end of one.
      for (let ms = 0; ms <= LONGEST_WAIT_MS; ms += 1000) mock.timers.tick(1000);
      assert.ok(liveOf(page) === 1 || page.tries.length > tries, 'tries again');
      close();
      assert.equal(liveOf(page), 0);
      page.fire('online');
      mock.timers.tick(LONGEST_WAIT_MS);
      assert.equal(liveOf(page), 0, 'for good');
    }), { numRuns: 300 });
  });
});

describe('any list that changes', () => {
  const change = fc.oneof(
    fc.nat({ max: 6 }).map((id) => ({ kind: 'add', id: `u${id}` })),
    fc.nat({ max: 20 }).map((index) => ({ kind: 'remove', index })),
    fc.constant({ kind: 'accept' }),
    fc.constant({ kind: 'end' }),
    fc.nat({ max: 400 }).map((ms) => ({ kind: 'tick', ms })),
  );

  // Which counters the server of this socket tells.
  const toldBy = (socket) => {
    const ids = new Set(socket.url.searchParams.getAll('urlId'));
    for (const { add, remove } of socket.sent) {
      remove.forEach((id) => ids.delete(id));
      add.forEach((id) => ids.add(id));
    }
    return [...ids].sort();
  };

  it('is what the server is told, with few messages', async () => {
    await fc.assert(fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
      const page = loadPage({ dice: () => 0 });
      const elements = [];
      const act = {
        add: async ({ id }) => elements.push(await page.addElement({ key: 'k', 'view-only': '', 'url-id': id })),
        remove: ({ index }) => elements.splice(index, 1).forEach((element) => element.remove()),
        accept: () => isLive(page.socket) && !page.socket.isAccepted && accept(page.socket),
        end: () => isLive(page.socket) && page.socket.isAccepted && end(page.socket, 1006, ''),
        tick: ({ ms }) => mock.timers.tick(ms),
      };
      for (const step of changes) {
        await act[step.kind](step);
        await settle();
      }
      mock.timers.tick(1000);
      act.accept();
      mock.timers.tick(1000);
      const wanted = [...new Set(elements.map((element) => element.getAttribute('url-id')))].sort();
      const live = page.sockets.filter(isLive);
      assert.deepEqual(live.map(toldBy), wanted.length ? [wanted] : []);
      const messages = page.sockets.reduce((sum, { sent }) => sum + sent.length, 0);
      assert.ok(messages <= changes.length, 'not one for each');
    }), { numRuns: 100 });
  });
});

describe('any number', () => {
  it('is written as Intl does, in full or short', () => {
    const { formatNumber } = loadPage().window.livecounter;
    const locales = fc.constantFrom('de', 'fr', 'ja', 'ar', 'hi', 'pt-BR', 'tr', 'fa', 'nb');
    fc.assert(fc.property(count, locales, (number, locale) => {
      const options = number < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 };
      assert.equal(formatNumber(number, locale), new Intl.NumberFormat(locale, options).format(number));
    }));
  });

  it('has at most one decimal and six characters in English, below a trillion', () => {
    const { formatNumber } = loadPage().window.livecounter;
    fc.assert(fc.property(fc.nat({ max: 999_949_999_999 }), (number) => {
      assert.match(formatNumber(number, 'en-US'), /^(\d{1,3}|\d,\d{3}|\d{1,3}(\.\d)?[kMB])$/);
    }));
  });
});

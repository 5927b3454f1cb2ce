// The demo page: its own views as a hit counter, who is here as a presence counter, counters to hit, a list
// that watches, a shop that says who counts, and one number for five readers.
// @ts-check
'use strict';

const TILE_STREAM_MS = 15_000;
// Between two looks at tiles that are not streamed; longer where the server does not answer.
const LOOK_MS = 250;
const LOOK_LATER_MS = 5000;
const UNKNOWN_KEY = 401;
const VERIFIED_KEY = 'demo-verified';

// The shop of the example takes presence IDs that begin with "member-" for its users.
const VISITORS = [
  { name: 'member', here: 'She is here. The shop knows her: she counts.', gone: 'She is not here.', come: 'Ada comes in', leave: 'Ada leaves' },
  { name: 'stranger', here: 'He is here. The shop does not know him: he watches, and does not count.', gone: 'He is not here.', come: 'The stranger comes in', leave: 'The stranger leaves' },
];

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} selector */
const all = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes every change of an element's text visible, but not the first, which comes with the page.
 * @param {HTMLElement} element
 */
function highlightChanges(element) {
  new MutationObserver((changes) => {
    if (changes[0]?.removedNodes[0]?.textContent === '–') return;
    element.classList.remove('changed');
    void element.offsetWidth; // restarts the animation
    element.classList.add('changed');
  }).observe(element, { childList: true });
}

function showViews() {
  const views = byId('views');
  highlightChanges(views);
  const showReaders = makeReaders();
  livecounter.connect(views, {
    counter: '1',
    hit: true,
    animate: false,
    formatNumber(number) {
      showReaders(number);
      return livecounter.formatNumber(number);
    },
  });
}

/** Returns what shows them a number. */
function makeReaders() {
  const scale = /** @type {HTMLSelectElement} */ (byId('scale'));
  const readers = all('#readers dd');
  readers.forEach(highlightChanges);
  let newest = 0;
  const show = () => readers.forEach((reader) =>
    setText(reader, livecounter.formatNumber(newest * Number(scale.value), reader.lang)));
  scale.addEventListener('change', show);
  return (/** @type {number} */ number) => {
    newest = number;
    show();
  };
}

/**
 * One tile a counter: press it and it counts, and for a while shows at once what others add. Returns what looks at its
 * value.
 * @param {HTMLElement} tile
 */
function bringTileToLife(tile) {
  const id = tile.dataset.counter ?? '';
  const number = /** @type {HTMLElement} */ (tile.querySelector('.number'));
  highlightChanges(number);

  // Answers and the stream race; hits only grow.
  let newest = -1;
  const showValue = (/** @type {number} */ value) => {
    newest = Math.max(newest, value);
    const text = livecounter.formatNumber(newest);
    setText(number, text);
    return text;
  };
  tile.addEventListener('click', () => {
    byId('trouble').textContent = '';
    ask(id, { method: 'POST' }).then(showValue, tellTrouble);
    followTile(tile, id, showValue);
  });
  const look = async () => showValue(await ask(id));
  look().catch(tellTrouble);
  return look;
}

/**
 * Goes round, so that tiles which others press move too, within two seconds, without a stream for each.
 * @param {(() => Promise<unknown>)[]} looks
 */
function keepLooking(looks) {
  let turn = 0;
  const lookAtNext = async () => {
    const look = looks[turn++ % looks.length];
    const isAnswered = document.hidden || await look?.().then(() => true, () => false);
    setTimeout(lookAtNext, isAnswered ? LOOK_MS : LOOK_LATER_MS);
  };
  setTimeout(lookAtNext, LOOK_MS);
}

let stopFollowing = () => {};

/**
 * The tile that was pressed last is streamed, until it is left alone: over HTTP/1.1 a browser has six
 * connections to a host, for all its tabs.
 * @param {HTMLElement} tile
 * @param {string} id
 * @param {(value: number) => string} showValue
 */
function followTile(tile, id, showValue) {
  stopFollowing();
  tile.classList.add('live');
  const { close } = livecounter.connect(document.createElement('span'), { counter: id, formatNumber: showValue });
  const timer = setTimeout(() => stopFollowing(), TILE_STREAM_MS);
  stopFollowing = () => {
    clearTimeout(timer);
    close();
    tile.classList.remove('live');
    stopFollowing = () => {};
  };
}

/**
 * The counter's value, or after a POST the value of that very hit.
 * @param {string} id
 * @param {RequestInit} [options]
 */
async function ask(id, options) {
  const answer = await fetch(`/counters/${id}/`, options).catch(() => {
    throw new Error('the server cannot be reached.');
  });
  const text = (await answer.text()).trim();
  if (!answer.ok) throw new Error(`counter ${id} answered ${answer.status}: ${text}`);
  return Number(text);
}

/** @param {Error} error */
function tellTrouble(error) {
  byId('trouble').textContent = `That did not arrive: ${error.message}`;
}

/**
 * Pressed, this window looks at the product, as somebody does who has its page open.
 * @param {HTMLElement} tile
 */
function letLook(tile) {
  const { urlId = '' } = tile.dataset;
  makeSwitch(tile, (isOn) => (isOn ? livecounter.connect(document.createElement('span'), { key: 'demo', urlId }) : undefined));
}

/**
 * A button that is pressed or not: `change` makes what it then stands for, which is closed with the next press.
 * Returns what ends it.
 * @param {HTMLElement} button
 * @param {(isOn: boolean) => { close(): void } | undefined} change
 */
function makeSwitch(button, change) {
  let isOn = false;
  let handle = change(isOn);
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => {
    isOn = !isOn;
    handle?.close();
    handle = change(isOn);
    button.setAttribute('aria-pressed', `${isOn}`);
  });
  return () => handle?.close();
}

/** Whether this server has the product whose visitors are verified: its answer to a look at it. */
async function hasVerifiedProduct() {
  const look = new AbortController();
  const { status } = await fetch(`/sub?key=${VERIFIED_KEY}&urlId=demo/shop&pId=look&i=f`,
    { headers: { accept: 'text/event-stream' }, signal: look.signal });
  look.abort();
  return status !== UNKNOWN_KEY;
}

/** Two who come into a shop; both watch from the start. */
function showVisitors() {
  const page = windowId();
  const hasVerified = hasVerifiedProduct();
  for (const { name, here, gone, come, leave } of VISITORS) {
    const number = byId(`${name}-number`);
    const door = /** @type {HTMLButtonElement} */ (byId(`${name}-door`));
    const end = makeSwitch(door, (isIn) => {
      byId(`${name}-state`).textContent = isIn ? here : gone;
      door.textContent = isIn ? leave : come;
      return livecounter.connect(number, { key: VERIFIED_KEY, urlId: 'demo/shop', pId: `${name}-${page}`, impactsCount: isIn });
    });
    hasVerified.then((isThere) => {
      if (isThere) return;
      end();
      door.disabled = true;
      byId('no-verified').hidden = false;
    }, () => {}); // no answer at all: the clients try again
  }
}

/** Something that no other window has. */
function windowId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('');
}

// The lines to try, with this server's own address, each with a button to copy it.
function fillLines() {
  for (const code of all('pre code')) {
    const text = (code.textContent ?? '').replaceAll('http://localhost:8080', location.origin);
    code.textContent = text;
    code.tabIndex = 0; // it scrolls
    if (navigator.clipboard) code.after(makeCopyButton(code));
  }
}

/** @param {HTMLElement} code */
function makeCopyButton(code) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? '');
      button.textContent = 'Copied';
    } catch { // not allowed: it is marked, to be copied by hand
      getSelection()?.selectAllChildren(code);
      button.textContent = 'Marked: copy by hand';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  return button;
}

fillLines();
showViews();
keepLooking(all('#tiles .tile').map(bringTileToLife));
all('#products .tile').forEach(letLook);
showVisitors();
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') stopFollowing();
});

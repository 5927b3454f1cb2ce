// The demo page: its own views as a hit counter, who is here as a presence counter, counters to hit.
'use strict';

const NEWS_INTERVAL_MS = 10_000;
const TILE_STREAM_MS = 15_000;
const RECONNECT_MS = 3000;

// What the list shows: urlId and name.
const PRODUCTS = [
  ['demo/tent', 'Alpine tent'],
  ['demo/shoes', 'Trail shoes'],
  ['demo/stove', 'Camp stove'],
  ['demo/jacket', 'Rain jacket'],
];

const byId = (id) => document.getElementById(id);
const counterUrl = (id) => `/counters/${id}/`;

// Makes every change of an element's text visible, but not the first, which comes with the page.
function highlightChanges(element) {
  new MutationObserver(([{ removedNodes }]) => {
    if (removedNodes[0]?.textContent === '–') return;
    element.classList.remove('changed');
    void element.offsetWidth; // restarts the animation
    element.classList.add('changed');
  }).observe(element, { childList: true });
}

function showViews() {
  const views = byId('views');
  highlightChanges(views);
  let isCounted = false;
  streamWhileVisible(counterUrl(1), (text) => {
    views.textContent = livecounter.formatNumber(Number(text));
    if (!isCounted) {
      isCounted = true;
      hit(1).catch(tellTrouble);
    }
  });
}

// HTTP/1.1 gives a browser six connections to a host, shared by all its tabs: one that nobody looks at
// must not keep any.
function streamWhileVisible(url, onValue) {
  let stream;
  const update = () => {
    if (document.visibilityState === 'visible') {
      stream ??= openStream(url, onValue);
    } else {
      stream?.close();
      stream = undefined;
    }
  };
  document.addEventListener('visibilitychange', update);
  update();
}

function openStream(url, onValue) {
  const stream = new EventSource(url);
  stream.addEventListener('message', (event) => onValue(event.data));
  return stream;
}

function showHere() {
  highlightChanges(byId('here'));
  watchly.connect(byId('here'), { key: 'demo', urlId: '/demo' });
}

function makeButton(labelText) {
  const tile = document.createElement('button');
  tile.type = 'button';
  tile.className = 'tile';
  const label = document.createElement('span');
  label.className = 'label';
  label.textContent = labelText;
  const number = document.createElement('span');
  number.className = 'number';
  number.textContent = '–';
  tile.append(label, number);
  highlightChanges(number);
  return { tile, number };
}

// One tile a counter: press it and it counts, and for a while shows what others add.
function makeTile(id) {
  const { tile, number } = makeButton(`Counter ${id}`);

  // Answers and the stream race; hits only grow.
  let newest = -1;
  const showValue = (text) => {
    if (Number(text) <= newest) return;
    newest = Number(text);
    number.textContent = livecounter.formatNumber(newest);
  };
  tile.addEventListener('click', () => {
    hit(id).then(showValue, tellTrouble);
    followTile(tile, id, showValue);
  });
  ask(id).then(showValue, tellTrouble);
  return tile;
}

let stopFollowing = () => {};

// The tile that was pressed last is streamed, until it is left alone.
function followTile(tile, id, showValue) {
  stopFollowing();
  tile.classList.add('live');
  const stream = openStream(counterUrl(id), showValue);
  const timer = setTimeout(() => stopFollowing(), TILE_STREAM_MS);
  stopFollowing = () => {
    clearTimeout(timer);
    stream.close();
    tile.classList.remove('live');
    stopFollowing = () => {};
  };
}

const hit = (id) => ask(id, { method: 'POST' });

// The counter's value, or after a POST the value of that very hit.
async function ask(id, options) {
  const answer = await fetch(counterUrl(id), options);
  const text = (await answer.text()).trim();
  if (!answer.ok) throw new Error(`counter ${id} answered ${answer.status}: ${text}`);
  byId('trouble').textContent = '';
  return text;
}

function tellTrouble(error) {
  byId('trouble').textContent = `That did not arrive: ${error.message}`;
}

// Many presence counters on one connection.
function watchMany(ids, onNumbers) {
  const query = new URLSearchParams([['key', 'demo'], ...ids.map((id) => ['urlId', id])]);
  let socket;
  let timer;
  const open = () => {
    socket = new WebSocket(`${location.origin.replace('http', 'ws')}/watch?${query}`);
    socket.addEventListener('message', ({ data }) => onNumbers(JSON.parse(data)));
    socket.addEventListener('close', ({ target }) => {
      if (target === socket) timer = setTimeout(open, Math.random() * RECONNECT_MS);
    });
  };
  open();
  // A page with an open connection is not kept for the way back.
  addEventListener('pagehide', () => {
    clearTimeout(timer);
    const leaving = socket;
    socket = undefined;
    leaving.close();
  });
  addEventListener('pageshow', ({ persisted }) => { if (persisted) open(); });
}

function showProducts() {
  const numbers = new Map();
  for (const [urlId, name] of PRODUCTS) {
    const { tile, number } = makeButton(name);
    numbers.set(urlId, number);
    letLook(tile, urlId);
    byId('products').append(tile);
  }
  watchMany([...numbers.keys()], (changed) => {
    for (const [urlId, value] of Object.entries(changed)) {
      numbers.get(urlId).textContent = livecounter.formatNumber(value);
    }
  });
}

// Pressed, this window looks at the product, as somebody does who has its page open.
function letLook(tile, urlId) {
  let look;
  tile.setAttribute('aria-pressed', 'false');
  tile.addEventListener('click', () => {
    if (look) {
      look.close();
      look = undefined;
    } else {
      look = watchly.connect(document.createElement('span'), { key: 'demo', urlId });
    }
    tile.setAttribute('aria-pressed', `${look !== undefined}`);
  });
}

// For screen readers: what the numbers are, at most every ten seconds and only when they moved.
function tellNews() {
  const text = `${byId('here').textContent} here now, ${byId('views').textContent} views`;
  if (!text.includes('–') && byId('news').textContent !== text) byId('news').textContent = text;
}

// The lines to try, with this server's own address, each with a button to copy it.
function fillLines() {
  for (const code of document.querySelectorAll('pre code')) {
    code.textContent = code.textContent.replaceAll('http://localhost:8080', location.origin);
    if (navigator.clipboard) code.parentElement.append(makeCopyButton(code.textContent));
  }
}

function makeCopyButton(text) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  return button;
}

fillLines();
showHere();
showViews();
byId('tiles').append(...[2, 3, 4, 5, 6, 7, 8, 9].map(makeTile));
showProducts();
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') stopFollowing();
});
setInterval(tellNews, NEWS_INTERVAL_MS);

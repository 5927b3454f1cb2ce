// The client on a customer's page: another origin than the gateway, under a strict Content-Security-Policy,
// as an element, as a classic script and as a module.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { get, hitsOf } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { launch, openTab, startAll, watchShifts } from './browser.mjs';
import { servePage } from './site.mjs';

let browser;
let server;
let gateway;
before(async () => { [browser, server] = await startAll(launch(), startAllInOne()); gateway = server.address.http; });
after(() => Promise.all([browser?.close(), server?.kill()]));

// Opens a page of a customer's, in a browser profile of its own; page.shifts() tells what moved.
async function openPage(t, { html, script }) {
  const fill = (text) => text?.replaceAll('GATEWAY', gateway);
  const url = await servePage(t, { gateways: [gateway], html: fill(html), script: fill(script) });
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await openTab(context, 'about:blank');
  page.shifts = await watchShifts(page);
  await page.goto(url);
  return page;
}

const observe = async (t, urlId) => {
  const observer = await new Socket(gateway, subPath({ urlId, pId: 'observer', i: 'f' })).opened();
  t.after(() => observer.ws.terminate());
  return observer;
};
const shows = (page, selector, text, ms = 20_000) =>
  until(async () => (await page.textContent(selector)) === text, ms, `${selector} shows ${text}`);

const CLIENT = '<script src="http://GATEWAY/client.js" defer></script>';
const pages = {
  'a classic script': {
    html: `<p id="here">–</p>${CLIENT}<script src="/page.js" defer></script>`,
    script: `window.handle = watchly.connect(document.getElementById('here'), { key: 'demo', urlId: 'classic' });`,
    urlId: 'classic',
  },
  'a module': {
    html: '<p id="here">–</p><script type="module" src="/page.js"></script>',
    script: `import { connect } from 'http://GATEWAY/client.mjs';
      window.handle = connect(document.getElementById('here'), { key: 'demo', urlId: 'module' });`,
    urlId: 'module',
  },
};

for (const [name, { html, script, urlId }] of Object.entries(pages)) {
  it(`counts from ${name}, blocked by nothing`, async (t) => {
    const page = await openPage(t, { html, script });
    const observer = await observe(t, urlId);
    await shows(page, '#here', '1');
    await observer.untilValue(1);
    await page.evaluate(() => window.handle.close());
    await observer.untilValue(0, 8000);
    assert.equal(await page.textContent('#here'), '1', 'keeps its last number');
    assert.deepEqual(page.troubles, []);
  });
}

// The element needs no more than the script, of this file and with this hash.
const pageWithHash = (file, hash) => ({
  html: `<live-counter id="here" key="demo" url-id="${file}">–</live-counter>
    <script ${file.endsWith('.mjs') ? 'type="module" ' : ''}src="http://GATEWAY/${file}" integrity="${hash}" crossorigin="anonymous" defer></script>`,
});

for (const file of ['client.js', 'client.mjs']) {
  it(`runs ${file} with the hash that the gateway says it has`, async (t) => {
    const { text } = await get(gateway, '/client.integrity.json');
    const page = await openPage(t, pageWithHash(file, JSON.parse(text)[file]));
    await shows(page, '#here', '1');
    assert.deepEqual(page.troubles, []);
  });

  it(`does not run ${file} with the hash of another file`, async (t) => {
    const hash = `sha384-${createHash('sha384').update('another').digest('base64')}`;
    const page = await openPage(t, pageWithHash(file, hash));
    await until(() => page.troubles.some((trouble) => /integrity/.test(trouble)), 5000, () => `refused: ${page.troubles}`);
    assert.equal(await page.evaluate(() => customElements.get('live-counter') ?? window.livecounter), undefined);
    assert.equal(await page.textContent('#here'), '–');
  });
}

describe('<live-counter>', () => {
  it('counts, watches and hits in HTML alone, blocked by nothing', async (t) => {
    const observer = await observe(t, 'element');
    const hits = await hitsOf(gateway, 5);
    const page = await openPage(t, {
      html: `<live-counter id="here" key="demo" url-id="element">–</live-counter>
        <live-counter id="watch" key="demo" url-id="element" view-only>–</live-counter>
        <live-counter id="hits" counter="5" hit></live-counter>${CLIENT}`,
    });
    await shows(page, '#here', '1');
    await shows(page, '#watch', '1');
    await shows(page, '#hits', `${hits + 1}`);
    await observer.untilValue(1);
    await page.evaluate(() => document.getElementById('here').remove());
    await observer.untilValue(0, 8000);
    await shows(page, '#watch', '0');
    assert.equal(await hitsOf(gateway, 5), hits + 1);
    assert.deepEqual(page.troubles, []);
  });

  it('shows a list on one connection, also what comes later', async (t) => {
    const viewers = await Promise.all(['l1', 'l2', 'l2'].map((urlId, i) =>
      new Socket(gateway, subPath({ urlId, pId: `viewer-${i}` })).opened()));
    t.after(() => viewers.forEach(({ ws }) => ws.terminate()));
    const item = (id) => `<live-counter id="${id}" key="demo" url-id="${id}" view-only>–</live-counter>`;
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    const sockets = [];
    page.on('websocket', (socket) => sockets.push(socket));
    const url = await servePage(t, {
      gateways: [gateway], html: ['l1', 'l2', 'l3'].map(item).join('') + CLIENT.replace('GATEWAY', gateway),
    });
    await page.goto(url);
    await Promise.all([shows(page, '#l1', '1'), shows(page, '#l2', '2'), shows(page, '#l3', '0')]);
    await page.evaluate(() => {
      const late = document.createElement('live-counter');
      Object.entries({ id: 'late', 'api-key': 'demo', 'url-id': 'l2', 'view-only': '' })
        .forEach(([name, value]) => late.setAttribute(name, value));
      const other = late.cloneNode();
      other.id = 'other';
      other.setAttribute('url-id', 'l4');
      document.body.append(late, other);
    });
    await Promise.all([shows(page, '#late', '2'), shows(page, '#other', '0')]);
    assert.deepEqual(sockets.map((socket) => new URL(socket.url()).pathname), ['/watch']);
  });

  it('has room for two digits as soon as the script has run, and asks nobody but the gateway', async (t) => {
    const page = await openPage(t, {
      html: `${CLIENT.replace(' defer', '')}<script src="/page.js"></script>
        <h1>Tent</h1><p>Now <live-counter id="here" key="demo" url-id="shift"></live-counter> people look at it.</p>
        <live-counter id="alone" counter="6" hit></live-counter><p>Below.</p>`,
      script: `window.requests = () => performance.getEntriesByType('resource').map(({ name }) => new URL(name).host);`,
    });
    await shows(page, '#here', '1');
    await until(async () => Number(await page.textContent('#alone')) > 0, 20_000, 'hits');
    assert.deepEqual(await page.shifts(), []);
    const hosts = await page.evaluate(() => window.requests());
    assert.ok(hosts.length >= 2);
    for (const host of hosts) assert.ok([gateway, new URL(page.url()).host].includes(host), host);
    assert.deepEqual(page.troubles, []);
  });

  it('has a copy of its number for screen readers, which is announced politely', async (t) => {
    const page = await openPage(t, { html: `<p><live-counter key="demo" url-id="spoken">–</live-counter></p>${CLIENT}` });
    await shows(page, 'live-counter', '1');
    const session = await page.context().newCDPSession(page);
    const texts = async () => (await session.send('Accessibility.getFullAXTree')).nodes
      .filter(({ ignored, role }) => !ignored && role.value === 'StaticText').map(({ name }) => name.value.replace('\u200b', ''));
    assert.deepEqual((await texts()).filter(Boolean), ['1'], 'once, not twice');
  });
});

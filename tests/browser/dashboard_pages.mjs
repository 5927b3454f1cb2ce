// Every page of the dashboard, with something to see on it: for axe-core, and for pictures.
import { post } from '../support/http.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { openDashboard, PASSWORD } from './dashboard.mjs';

const DEMO = 'accounts/demo/products/demo';

export const OWNER = 'owner@demo.example';

// Where each page is, who sees it, what it shows once it has all, and which button opens the dialog that is meant.
export const PAGES = [
  { name: 'sign-in', who: 'nobody', path: '/', ready: 'text=I have an account' },
  { name: 'products', who: 'customer', path: '/', ready: '.product-card .here b:not(:text("–"))' },
  { name: 'live', who: 'customer', path: '/accounts/demo/products/demo/live/', ready: '.rows tbody tr' },
  { name: 'counters', who: 'customer', path: '/accounts/demo/products/demo/counters/', ready: '.rows tbody tr' },
  { name: 'embed', who: 'customer', path: '/accounts/demo/products/demo/embed/', ready: '.snippet' },
  { name: 'keys', who: 'customer', path: '/accounts/demo/products/demo/keys/', ready: '.rows tbody tr' },
  { name: 'verification', who: 'customer', path: '/accounts/demo/products/demo/verification/', ready: 'text=Your endpoint' },
  { name: 'settings', who: 'customer', path: '/accounts/demo/products/demo/settings/', ready: 'text=Leave delays' },
  { name: 'product-usage', who: 'customer', path: '/accounts/demo/products/demo/usage/', ready: '.plot canvas' },
  { name: 'usage', who: 'customer', path: '/accounts/demo/usage/', ready: '.plot canvas' },
  { name: 'account', who: 'customer', path: '/accounts/demo/', ready: 'text=Profile' },
  { name: 'accounts', who: 'operator', path: '/', ready: '.rows tbody tr' },
  { name: 'operators-account', who: 'operator', path: '/accounts/newcomer/', ready: 'text=Delete this account' },
  { name: 'no-products', who: 'operator', path: '/accounts/newcomer/products/', ready: 'text=Nothing is counted yet' },
  { name: 'all-products', who: 'operator', path: '/products/', ready: '.product-card' },
  { name: 'all-usage', who: 'operator', path: '/usage/', ready: '.rows tbody tr' },
  { name: 'system', who: 'operator', path: '/system/', ready: '.rows tbody tr' },
  { name: 'dialog-new-product', who: 'customer', path: '/', ready: '.product-card .here b:not(:text("–"))', press: 'New product' },
  { name: 'dialog-new-counter', who: 'customer', path: '/accounts/demo/products/demo/counters/', ready: '.rows tbody tr', press: 'New hit counter' },
  { name: 'dialog-counter-lines', who: 'customer', path: '/accounts/demo/products/demo/counters/', ready: '.rows tbody tr', press: 'Embed: downloads' },
  { name: 'dialog-delete-product', who: 'customer', path: '/accounts/demo/products/demo/settings/', ready: 'text=Leave delays', press: 'Delete …' },
  { name: 'dialog-backup', who: 'operator', path: '/system/', ready: '.rows tbody tr', press: 'Back up …' },
  { name: 'no-such-page', who: 'customer', path: '/nowhere/at/all/', ready: 'text=There is no such page' },
  { name: 'no-such-product', who: 'customer', path: '/accounts/demo/products/nothing/live/', ready: 'text=There is no such product.' },
];

// Gives the demo account an owner who can sign in, and all pages something to show. Call the result to let the
// visitors go.
export async function populate(deployment) {
  const { call, server } = deployment;
  const ask = call.bind(deployment);
  await ask('AdminService/UpdateAccount', { account: { name: 'accounts/demo', email: OWNER, displayName: 'Demo' }, updateMask: 'email,displayName' });
  await ask('AdminService/SetPassword', { name: 'accounts/demo', newPassword: PASSWORD });
  await ask('AdminService/CreateAccount', { accountId: 'newcomer', account: { displayName: 'A newcomer', email: 'new@shop.example' } });
  await ask('AdminService/CreateProduct', { parent: 'accounts/demo', productId: 'blog', product: { displayName: 'Our blog', allowedOrigins: ['https://blog.example'] } });
  const key = await ask('AdminService/CreateApiKey', { parent: DEMO, apiKeyId: 'old' });
  await ask('AdminService/RevokeApiKey', { name: key.name });
  await ask('CounterService/CreateCounter', { parent: DEMO, counterId: 'downloads', counter: { hits: '1284301' } });
  for (const [id, hits] of [['1', 40], ['2', 7], ['3', 19], ['downloads', 5]]) {
    for (let n = 0; n < hits; n++) await post(server.address.http, `/counters/${id}/`);
  }
  const places = [['/', 14], ['/stove', 9], ['/tent', 5], ['/lamp', 2]];
  const visitors = places.flatMap(([urlId, count]) =>
    Array.from({ length: count }, (_, n) => new Socket(server.address.http, subPath({ urlId: `https://shop.example${urlId}`, pId: `${urlId}-${n}` }))));
  await Promise.all(visitors.map((visitor) => visitor.opened()));
  await until(async () => (await ask('AdminService/GetUsage', { name: 'accounts/demo' })).points.length > 0, 10_000, 'usage of the visitors');
  return () => visitors.forEach(({ ws }) => ws.terminate());
}

// Signs the browser in as `who`, the second time by the cookie of the first: passwords take their time.
export async function signIn(context, deployment, who) {
  if (who === 'nobody') return;
  deployment.cookies ??= {};
  deployment.cookies[who] ??= await cookiesOf(context, deployment, who);
  await context.addCookies(deployment.cookies[who]);
}

// One of PAGES, once it shows what it has to; its reader has signed in.
export async function openPage(context, deployment, { path, ready, press }) {
  const page = await openDashboard(context, deployment, path);
  await page.locator(ready).first().waitFor();
  if (press) {
    await page.getByRole('button', { name: press, exact: true }).first().click();
    await page.getByRole('dialog').waitFor();
  }
  return page;
}

// A page of the dashboard as `who` sees it.
export async function openAs(context, deployment, who, where) {
  await signIn(context, deployment, who);
  return openDashboard(context, deployment, where);
}

async function cookiesOf(context, deployment, who) {
  const page = await context.newPage();
  await page.goto(deployment.console);
  await page.evaluate(async ({ isOperator, token, email, password }) => {
    const [method, body, authorization] = isOperator
      ? ['GetSession', {}, { authorization: `Bearer ${token}` }]
      : ['SignIn', { email, password }, {}];
    const answer = await fetch(`/api/livecounter.v1.AdminService/${method}`, {
      method: 'POST', headers: { 'content-type': 'application/json', ...authorization }, body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }, { isOperator: who === 'operator', token: deployment.token, email: OWNER, password: PASSWORD });
  await page.close();
  return context.cookies();
}

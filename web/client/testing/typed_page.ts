// A customer's page in TypeScript: what the types allow, and what they refuse.
import { connect, formatNumber, type Handle, type Options } from '../client.mjs';

const element = document.getElementById('here');
const controller = new AbortController();

const handle: Handle = connect(element, { key: 'k' });
handle.close();
connect(element, { key: 'k', urlId: 'u', pId: 'p', impactsCount: false, signal: controller.signal });
connect(element, { key: 'k', formatNumber: (number) => number + 'k', hosts: ['ws00.example.com'], locale: ['de', 'en'] });
connect(element, { counter: '1', hit: true, animate: false });
watchly.connect(element, { key: 'k' });
livecounter.connect(document.querySelector('live-counter'), { key: 'k' });
export const options: Options = { key: 'k', urlId: undefined };
export const text: string = formatNumber(10_200, 'de');

// @ts-expect-error presence needs a key
connect(element, { urlId: 'u' });
// @ts-expect-error only hit counters are hit
connect(element, { key: 'k', hit: true });
// @ts-expect-error a hit counter is no page
connect(element, { counter: '1', urlId: 'u' });
// @ts-expect-error it is impactsCount
connect(element, { key: 'k', impactCount: false });

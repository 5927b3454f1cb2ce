// What customers copy into their pages. The number stands last in its line: nothing moves when it comes, however long
// it is.

export interface Embed {
  edge: string; // "https://live.example.com": where browsers reach the gateways
  key: string;
  urlId: string; // empty: the page's own address
  isViewOnly: boolean;
  isVerified: boolean; // then the page says who its visitor is
}

export const PRESENCE_ID_TO_FILL_IN = 'YOUR-VISITORS-SESSION-ID';

const quoted = (text: string): string =>
  `"${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"`;

const clientScript = (edge: string): string => `<script src=${quoted(`${edge}/client.js`)} defer></script>`;

export function presenceSnippet({ edge, key, urlId, isViewOnly, isVerified }: Embed): string {
  const attributes = [`key=${quoted(key)}`];
  if (urlId) attributes.push(`url-id=${quoted(urlId)}`);
  if (isViewOnly) attributes.push('view-only');
  else if (isVerified) attributes.push(`p-id=${quoted(PRESENCE_ID_TO_FILL_IN)}`);
  return `${clientScript(edge)}\n<p>People here now: <live-counter ${attributes.join(' ')}>–</live-counter></p>`;
}

// Shows the number, and counts each time the page is loaded.
export const viewsSnippet = (edge: string, key: string, counterId: string): string =>
  `${clientScript(edge)}\n<p>Views: <live-counter key=${quoted(key)} counter=${quoted(counterId)} hit>–</live-counter></p>`;

// Between single quotes of a shell.
const inShell = (text: string): string => encodeURIComponent(text).replaceAll("'", '%27');

export const badgeUrl = (edge: string, key: string, counterId: string): string =>
  `${edge}/counters/${encodeURIComponent(counterId)}/badge.svg?key=${encodeURIComponent(key)}&label=${encodeURIComponent(counterId)}`;

export const badgeSnippet = (edge: string, key: string, counterId: string): string =>
  `![${counterId.replace(/[[\]]/g, '')}](${badgeUrl(edge, key, counterId)})`;

export const hitSnippet = (edge: string, key: string, counterId: string): string =>
  `curl -X POST '${edge}/counters/${inShell(counterId)}/?key=${inShell(key)}'`;

// Live Counter asks whether a user may count; this answers. Everything about it that is not HTTP.
import { createHmac, timingSafeEqual } from 'node:crypto';

// How far the sender's clock and ours may be apart. Older calls may be somebody's recordings.
const TOLERANCE_SECONDS = 300;

// Whether a call was signed with the product's signing secret, as standardwebhooks.com says. `headers` has
// names in lower case; `body` is the request's body as it came, before anything parsed it.
export function isSigned(headers, body, signingSecret, nowSeconds = Date.now() / 1000) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (!id || !/^\d+$/.test(timestamp) || Math.abs(nowSeconds - timestamp) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(signingSecret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  // More than one signature may be there, separated by blanks, while a secret is being replaced.
  return (headers['webhook-signature'] ?? '').split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return signature.startsWith('v1,') && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// What to answer: { status, body }. `mayCount(pId)` says, or promises, whether a presence ID is that of a
// user who is signed in. Any answer but 200 or 401 with the API key leaves the user as they were.
export async function answer({ headers, body }, { apiKey, signingSecret, mayCount }) {
  if (!isSigned(headers, body, signingSecret)) return { status: 403, body: 'not signed by Live Counter' };
  const { pId } = JSON.parse(body);
  // The two users of the test in the dashboard, who prove that this endpoint is yours.
  if (pId === 'w-valid') return { status: 200, body: apiKey };
  if (pId === 'w-invalid') return { status: 401, body: apiKey };
  return { status: (await mayCount(pId)) ? 200 : 401, body: apiKey };
}

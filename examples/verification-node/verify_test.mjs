import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { Sessions } from './sessions.mjs';
import { answer, isSigned } from './verify.mjs';

// The example of the Standard Webhooks specification.
const EXAMPLE = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  seconds: 1614265330,
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
};

describe('a signature', () => {
  const { secret, body, seconds, headers } = EXAMPLE;
  const other = { 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` };

  it('is that of the standard', () => assert.ok(isSigned(headers, body, secret, seconds)));
  it('may be one of several', () => {
    const both = `${other['webhook-signature']} ${headers['webhook-signature']}`;
    assert.ok(isSigned({ ...headers, 'webhook-signature': both }, body, secret, seconds));
  });
  it('holds for five minutes', () => {
    assert.ok(isSigned(headers, body, secret, seconds + 300));
    assert.ok(!isSigned(headers, body, secret, seconds + 301));
    assert.ok(!isSigned(headers, body, secret, seconds - 301));
  });

  for (const [what, changed] of [
    ['another signature', other],
    ['another version', { 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') }],
    ['another message', { 'webhook-id': 'msg_2' }],
    ['another time', { 'webhook-timestamp': '1614265331' }],
    ['a time that is none', { 'webhook-timestamp': 'now' }],
    ['half a signature', { 'webhook-signature': 'v1,g0hM9SsE' }],
    ['no signature', { 'webhook-signature': undefined }],
    ['no header', { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined }],
  ]) {
    it(`is missing with ${what}`, () => assert.ok(!isSigned({ ...headers, ...changed }, body, secret, seconds)));
  }
  it('is missing with another body or secret', () => {
    assert.ok(!isSigned(headers, `${body} `, secret, seconds));
    assert.ok(!isSigned(headers, body, 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', seconds));
  });
});

describe('an answer', () => {
  const apiKey = 'key-1';
  const signingSecret = EXAMPLE.secret;

  function ask(pId, mayCount = () => false) {
    const body = JSON.stringify({ pId });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const mac = createHmac('sha256', Buffer.from(signingSecret.slice(6), 'base64')).update(`msg_1.${timestamp}.${body}`);
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac.digest('base64')}` };
    return answer({ headers, body }, { apiKey, signingSecret, mayCount });
  }

  it('is the API key, with 200 for those who may count and 401 for others', async () => {
    const sessions = new Sessions();
    sessions.signIn('ann');
    const mayCount = (presenceId) => sessions.has(presenceId);
    assert.deepEqual(await ask(sessions.presenceId('ann'), mayCount), { status: 200, body: apiKey });
    assert.deepEqual(await ask(sessions.presenceId('bob'), mayCount), { status: 401, body: apiKey });
    assert.deepEqual(await ask('ann', mayCount), { status: 401, body: apiKey });
  });
  it('is right for the two users of the test, whoever is signed in', async () => {
    assert.deepEqual(await ask('w-valid', () => false), { status: 200, body: apiKey });
    assert.deepEqual(await ask('w-invalid', () => true), { status: 401, body: apiKey });
  });
  it('is 403 without the API key for a call that is not signed', async () => {
    const refused = await answer({ headers: {}, body: '{"pId":"w-valid"}' }, { apiKey, signingSecret, mayCount: () => true });
    assert.equal(refused.status, 403);
    assert.ok(!refused.body.includes(apiKey));
  });
});

describe('a presence ID', () => {
  it('is good while one session of the user is left, and the same in all of them', () => {
    const sessions = new Sessions();
    const [laptop, phone] = [sessions.signIn('ann'), sessions.signIn('ann')];
    const presenceId = sessions.presenceId('ann');
    sessions.signOut(laptop);
    sessions.signOut(laptop);
    assert.ok(sessions.has(presenceId));
    sessions.signOut(phone);
    assert.ok(!sessions.has(presenceId));
    assert.notEqual(new Sessions().presenceId('ann'), presenceId);
  });
});

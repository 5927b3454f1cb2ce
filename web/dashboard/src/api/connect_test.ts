import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { call, CallError, envelope, EnvelopeReader, stream } from './connect.ts';

const END = 2;

function framed(message: unknown, flags = 0): Uint8Array {
  const bytes = envelope(message);
  bytes[0] = flags;
  return bytes;
}

const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));
const realFetch = globalThis.fetch;
afterEach(() => { globalThis.fetch = realFetch; });

describe('envelopes', () => {
  it('are found whatever the pieces are that they come in', () => {
    const bytes = joined(framed({ a: 'é' }), framed({ b: 2 }), framed({}, END));
    for (const size of [1, 2, 5, 7, bytes.length]) {
      const reader = new EnvelopeReader();
      const found = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...reader.take(bytes.subarray(at, at + size)));
      assert.deepEqual(found, [{ flags: 0, text: '{"a":"é"}' }, { flags: 0, text: '{"b":2}' }, { flags: END, text: '{}' }], `pieces of ${size}`);
    }
  });
});

describe('a call', () => {
  it('gives the answer', async () => {
    globalThis.fetch = async (url, init) => {
      assert.equal(url, '/api/livecounter.v1.CounterService/GetCounter');
      assert.equal(init?.body, '{"name":"a"}');
      return Response.json({ hits: '9223372036854775807' });
    };
    assert.deepEqual(await call('CounterService/GetCounter', { name: 'a' }), { hits: '9223372036854775807' });
  });

  it('fails with the code and the message of the server', async () => {
    globalThis.fetch = async () => Response.json({ code: 'not_found', message: 'no such counter' }, { status: 404 });
    await assert.rejects(call('M', {}), (error: CallError) => error.code === 'not_found' && error.message === 'no such counter');
  });

  it('fails for people where no answer of the API came', async () => {
    globalThis.fetch = async () => new Response('<html>', { status: 502 });
    await assert.rejects(call('M', {}), (error: CallError) => error.code === 'unknown' && /502/.test(error.message));
    globalThis.fetch = async () => { throw new TypeError('Failed to fetch'); };
    await assert.rejects(call('M', {}), (error: CallError) => error.code === 'unavailable');
  });
});

describe('a stream', () => {
  const answers = (...parts: Uint8Array[]): void => {
    globalThis.fetch = async () => new Response(joined(...parts) as BodyInit);
  };
  const all = async (): Promise<unknown[]> => Array.fromAsync(stream('M', {}, new AbortController().signal));

  it('gives its messages and ends', async () => {
    answers(framed({ n: 1 }), framed({ n: 2 }), framed({}, END));
    assert.deepEqual(await all(), [{ n: 1 }, { n: 2 }]);
  });

  it('ends with the error of the server', async () => {
    answers(framed({ n: 1 }), framed({ error: { code: 'unavailable', message: 'drains' } }, END));
    await assert.rejects(all(), (error: CallError) => error.code === 'unavailable' && error.message === 'drains');
  });

  it('that breaks off is no stream that ended', async () => {
    answers(framed({ n: 1 }));
    await assert.rejects(all(), (error: CallError) => error.code === 'unavailable');
  });
});

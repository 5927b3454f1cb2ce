// Calls of the console's API (docs/console-api.md): the Connect protocol in JSON over fetch.
// The session is in a cookie that no script can read.

const PREFIX = '/api/livecounter.v1.';
const END_OF_STREAM = 2;
const HEAD_BYTES = 5;

// Why a call failed. `code` is that of Connect ("not_found"); `message` is for people.
export class CallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const isCode = (error: unknown, code: string): boolean => error instanceof CallError && error.code === code;

interface ErrorBody {
  code?: string;
  message?: string;
}

const toError = ({ code = 'unknown', message }: ErrorBody): CallError =>
  new CallError(code, message || 'The server gave no reason.');

async function post(method: string, contentType: string, body: BodyInit, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(PREFIX + method, {
      method: 'POST', headers: { 'content-type': contentType, ...headers }, body, signal: signal ?? null, credentials: 'same-origin',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new CallError('unavailable', 'The console cannot be reached.');
  }
}

async function failure(response: Response): Promise<CallError> {
  const body = await response.json().catch(() => ({})) as ErrorBody;
  return toError({ code: body.code ?? 'unknown', message: body.message ?? `The console answered ${response.status}.` });
}

// A method that answers once. `headers` go with the request.
export async function call<Answer>(method: string, message: unknown, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await post(method, 'application/json', JSON.stringify(message), headers, signal);
  if (!response.ok) throw await failure(response);
  return await response.json() as Answer;
}

// A method whose server streams. Ends as the server's stream does; leaving the loop ends the call.
export async function* stream<Answer>(method: string, message: unknown, signal: AbortSignal): AsyncGenerator<Answer> {
  const response = await post(method, 'application/connect+json', envelope(message), {}, signal);
  if (!response.ok || !response.body) throw await failure(response);
  const reader = response.body.getReader();
  const envelopes = new EnvelopeReader();
  try {
    for (;;) {
      const { done, value } = await read(reader, signal);
      if (done) throw new CallError('unavailable', 'The connection to the console broke.');
      for (const { flags, text } of envelopes.take(value)) {
        if (!(flags & END_OF_STREAM)) {
          yield JSON.parse(text) as Awaited<Answer>;
          continue;
        }
        const { error } = JSON.parse(text) as { error?: ErrorBody };
        if (error) throw toError(error);
        return;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new CallError('unavailable', 'The connection to the console broke.');
  }
}

// A message as it goes into a request whose answer streams.
export function envelope(message: unknown): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const bytes = new Uint8Array(HEAD_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, HEAD_BYTES);
  return bytes;
}

// Finds the envelopes in bytes that come in pieces of any size.
export class EnvelopeReader {
  #rest = new Uint8Array(0);

  take(piece: Uint8Array): { flags: number; text: string }[] {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const found = [];
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = new DataView(bytes.buffer).getUint32(at + 1);
      const end = at + HEAD_BYTES + length;
      if (end > bytes.length) break;
      found.push({ flags: bytes[at] ?? 0, text: new TextDecoder().decode(bytes.subarray(at + HEAD_BYTES, end)) });
      at = end;
    }
    this.#rest = bytes.slice(at);
    return found;
  }
}

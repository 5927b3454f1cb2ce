// How late updates are: a process of its own, so that no other work of a test is in its way. Hits a counter again
// and again and watches it by event stream. Started with fork(): argv[2] is
// {host, counter, key}; the message 'stop' is answered with { delays } in milliseconds, from the moment that the
// hit was answered.
import { EventStream } from '../support/event_stream.mjs';
import { post } from '../support/http.mjs';
import { sleep } from '../support/wait.mjs';

// More than the interval between two updates, so that each hit is shown by itself, at once.
const PAUSE_MS = 160;
const PATIENCE_MS = 20_000;

const { host, counter, key } = JSON.parse(process.argv[2]);
const path = `/counters/${counter}/?key=${key}`;
const delays = [];
let isStopping = false;

process.on('message', () => { isStopping = true; });

const stream = await EventStream.open(host, path);
while (!isStopping) {
  const { text } = await post(host, path);
  const answered = performance.now();
  const value = Number(text);
  while (stream.value !== value && performance.now() - answered < PATIENCE_MS) await sleep(1);
  delays.push(performance.now() - answered);
  await sleep(PAUSE_MS);
}
stream.close();
process.send({ delays });
process.disconnect();

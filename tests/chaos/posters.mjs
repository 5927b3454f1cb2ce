// 200 people who press the button all the time: a process of its own, forked by the driver.
//
// Half of them send an Idempotency-Key and repeat until they are answered; the others never repeat. What
// they were told goes to the driver when it says `stop`.
import http from 'node:http';
import { request } from '../support/http.mjs';
import { sleep } from '../support/wait.mjs';
import { Random } from './random.mjs';

const POSTERS = 200;
const PAUSE_MS = 250;
const REPEAT_SHARE = 0.05; // of keyed hits that are sent again after they were answered

export const PLAIN_COUNTER = 2;
export const KEYED_COUNTER = 3;
export const MIXED_COUNTER = 4;

// What was told about one counter.
class Account {
  acknowledged = 0;
  unanswered = 0; // plain ones that may have counted
  highest = 0;
  repeatedValues = 0;
  #seen = new Uint8Array(1024);

  acknowledge(value) {
    this.acknowledged += 1;
    this.highest = Math.max(this.highest, value);
    while (value >= this.#seen.length) {
      const larger = new Uint8Array(2 * this.#seen.length);
      larger.set(this.#seen);
      this.#seen = larger;
    }
    if (this.#seen[value]) this.repeatedValues += 1;
    this.#seen[value] = 1;
  }
}

class Posters {
  accounts = { [PLAIN_COUNTER]: new Account(), [KEYED_COUNTER]: new Account(), [MIXED_COUNTER]: new Account() };
  wrongs = [];
  keyedRetries = 0;
  isStopping = false;

  constructor(hosts, seed) {
    this.hosts = hosts;
    this.random = new Random(seed);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: POSTERS });
    this.prefix = `${seed}-${process.pid}`;
  }

  async run() {
    await Promise.all(Array.from({ length: POSTERS }, (_, i) => (i % 2 ? this.#postKeyed(i) : this.#postPlain(i))));
    this.agent.destroy();
  }

  async #postPlain(index) {
    const counter = index % 4 ? MIXED_COUNTER : PLAIN_COUNTER;
    while (!this.isStopping) {
      const outcome = await this.#post(counter, {});
      if (outcome.value !== undefined) this.accounts[counter].acknowledge(outcome.value);
      else if (outcome.mayHaveCounted) this.accounts[counter].unanswered += 1;
      await sleep(this.random.upTo(PAUSE_MS));
    }
  }

  async #postKeyed(index) {
    const counter = index % 4 === 1 ? MIXED_COUNTER : KEYED_COUNTER;
    for (let number = 0; !this.isStopping; number++) {
      const headers = { 'idempotency-key': `${this.prefix}-${index}-${number}` };
      const value = await this.#postUntilAnswered(counter, headers);
      this.accounts[counter].acknowledge(value);
      if (this.random.next() < REPEAT_SHARE) {
        const again = await this.#postUntilAnswered(counter, headers);
        if (again !== value) this.wrongs.push(`a key of counter ${counter} answered ${value}, then ${again}`);
      }
      await sleep(this.random.upTo(PAUSE_MS));
    }
  }

  async #postUntilAnswered(counter, headers) {
    for (;;) {
      const { value } = await this.#post(counter, headers);
      if (value !== undefined) return value;
      this.keyedRetries += 1;
      await sleep(100 + this.random.upTo(400));
    }
  }

  async #post(counter, headers) {
    try {
      const answer = await request(this.random.pick(this.hosts), `/counters/${counter}/`,
        { method: 'POST', headers, agent: this.agent, ms: 15_000 });
      if (answer.status === 200) return { value: Number(answer.text) };
      if (answer.status !== 503) this.wrongs.push(`a post was answered ${answer.status}: ${answer.text}`);
      return { mayHaveCounted: !answer.text.includes('was not counted') };
    } catch (error) {
      return { mayHaveCounted: error.code !== 'ECONNREFUSED' };
    }
  }
}

if (process.send) {
  const [hosts, seed] = JSON.parse(process.argv[2]);
  const posters = new Posters(hosts, seed);
  process.once('message', () => { posters.isStopping = true; });
  process.once('disconnect', () => process.exit(1));
  await posters.run();
  const { accounts, wrongs, keyedRetries } = posters;
  process.send({ accounts, wrongs, keyedRetries }, () => process.exit(0));
}

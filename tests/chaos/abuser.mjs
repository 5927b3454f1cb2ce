// One kind of abuse in a process of its own, forked by abuse_test.mjs: runs abuse/NAME.mjs against a
// gateway for some time and sends what it did, or what it found wrong, to the driver.
//
// It stands for other machines: it leaves the processor to the programs and to honest viewers.
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { sleep } from '../support/wait.mjs';

const PAUSE_MS = 20; // before a connection that ended is replaced

export class Target {
  isOver = false;

  // `pid` is that of the gateway at `host`.
  constructor({ host, pid, isLong, ms }) {
    Object.assign(this, { host, pid, isLong, ms });
    this.over = sleep(ms).then(() => { this.isOver = true; });
  }

  // As many in the short form, in the long form.
  count(short, long) {
    return this.isLong ? long : short;
  }

  // Holds `count` connections that `open(index)` makes, each replaced when it ends, until time is over.
  // Resolves with how many were made, how many really connected, and how many ended before their time.
  async keep(count, open) {
    const result = { made: 0, connected: 0, ended: 0 };
    await Promise.all(Array.from({ length: count }, async (_, index) => {
      while (!this.isOver) {
        const socket = open(index);
        result.made += 1;
        await Promise.race([socket.closed, this.over]);
        if (socket.isConnected) result.connected += 1;
        if (socket.isClosed) result.ended += 1;
        socket.destroy();
        if (!this.isOver) await sleep(PAUSE_MS);
      }
    }));
    return result;
  }

  // Does `step(number)` again and again, `count` of them at once, until time is over or there were `most`.
  async repeat(count, step, most = Infinity) {
    let done = 0;
    await Promise.all(Array.from({ length: count }, async () => {
      while (!this.isOver && done < most) await step(done++);
    }));
    return done;
  }

  get descriptors() {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }
}

if (process.send) {
  process.once('disconnect', () => process.exit(1));
  os.setPriority(10);
  const [name, facts] = JSON.parse(process.argv[2]);
  const { abuse } = await import(new URL(`abuse/${name}.mjs`, import.meta.url));
  let outcome;
  try {
    outcome = { report: await abuse(new Target(facts)) };
  } catch (error) {
    outcome = { failure: error.message };
  }
  process.send(outcome, () => process.exit(0));
}

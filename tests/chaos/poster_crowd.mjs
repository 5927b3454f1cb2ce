// The posters of posters.mjs, from outside: started, stopped, and what they were told against what is there.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { hitsOf } from '../support/http.mjs';

export class PosterCrowd {
  constructor(hosts, random) {
    const script = fileURLToPath(new URL('posters.mjs', import.meta.url));
    this.child = fork(script, [JSON.stringify([hosts, Math.floor(random.upTo(2 ** 31))])]);
  }

  // Resolves with their report.
  async stop() {
    this.child.send('stop');
    const [report] = await Promise.race([
      once(this.child, 'message'),
      once(this.child, 'exit').then(() => assert.fail('the posters ended early')),
    ]);
    return report;
  }

  kill() {
    this.child.kill('SIGKILL');
  }
}

// What is wrong with the hits that are counted: each that was acknowledged is there, none twice, and those
// that nobody answered at most once.
export async function hitFaults({ accounts }, host) {
  const faults = [];
  for (const [counter, { acknowledged, unanswered, highest, repeatedValues }] of Object.entries(accounts)) {
    const total = await hitsOf(host, counter);
    const fact = `counter ${counter}: ${total} counted, ${acknowledged} acknowledged, ${unanswered} unanswered`;
    if (total < acknowledged || total > acknowledged + unanswered) faults.push(fact);
    if (highest > total) faults.push(`${fact}, but ${highest} was answered`);
    if (repeatedValues) faults.push(`${fact}, ${repeatedValues} values answered twice`);
  }
  return faults;
}

export function hitSummary({ accounts, keyedRetries }) {
  const sum = (name) => Object.values(accounts).reduce((total, account) => total + account[name], 0);
  return `${sum('acknowledged')} hits acknowledged, ${sum('unanswered')} unanswered, ${keyedRetries} keyed retries`;
}

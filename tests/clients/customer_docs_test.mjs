// docs/customers is true: its commands are run as they stand there, against the real program, and print what it
// says. `…` stands for anything in a line, a line of `…` for any lines.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isSigned } from '../../examples/verification-node/verify.mjs';
import { startAllInOne } from '../support/programs.mjs';

const folder = fileURLToPath(new URL('../../docs/customers', import.meta.url));

// A stream is read for a second; nothing else is different from what a reader types.
const PRELUDE = `curl() {
  command curl -s --max-time 1 "$@" || test $? = 28
}
`;

// The pages' commands, with what they print, if that is told.
function examplesOf(file) {
  const text = readFileSync(path.join(folder, file), 'utf8');
  return [...text.matchAll(/```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?/gs)].map(([, script, printed]) => ({ script, printed }));
}

// Blanks at the ends of lines, and more than one between, are not what a page is about.
const plain = (text) => text.replace(/\r/g, '').replace(/ +/g, ' ').replace(/ $/gm, '').trim();

function pattern(printed) {
  const lines = plain(printed).split('\n').map((line) => {
    if (line === '…') return '(?:.*\\n)*?';
    return `${line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}\\n`;
  });
  return new RegExp(`^${lines.join('')}$`);
}

// The numbers of a first message of /watch stand in any order.
const inOrder = (text) => text.replace(/^data: (\{.*\})$/gm, (_, json) =>
  `data: ${JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json)).sort()))}`);

describe('docs/customers', () => {
  let server;
  before(async () => {
    server = await startAllInOne();
  });
  after(() => server?.kill());

  for (const file of readdirSync(folder).filter((name) => name.endsWith('.md'))) {
    for (const [i, { script, printed }] of examplesOf(file).entries()) {
      it(`${file}: example ${i + 1} works`, () => {
        const { http, console: consolePort } = server.address;
        const out = execFileSync('bash', ['-euo', 'pipefail', '-c', PRELUDE + script], {
          encoding: 'utf8', env: { ...process.env, GATEWAY: `http://${http}`, CONSOLE: `http://${consolePort}` },
        });
        if (printed === undefined) return;
        const [told, seen] = [inOrder(plain(printed)), inOrder(plain(out))];
        assert.ok(pattern(told).test(`${seen}\n`), `${script}printed\n${seen}\nand not\n${told}`);
      });
    }
  }

  it('signs its example of a call as it says', () => {
    const text = readFileSync(path.join(folder, 'verification.md'), 'utf8');
    const [, head, body] = /```http\n(.*?)\n\n(.*?)\n```/s.exec(text);
    const headers = Object.fromEntries(head.split('\n').slice(1).map((line) => line.toLowerCase().startsWith('webhook') ? line.split(': ') : ['', '']));
    assert.ok(isSigned(headers, body, /`(whsec_[A-Za-z0-9+/=]+)`/.exec(text)[1], Number(headers['webhook-timestamp'])));
  });

  it('has examples', () => {
    const counts = ['hits.md', 'lists.md', 'protocol.md', 'quickstart.md'].map((file) => examplesOf(file).filter(({ printed }) => printed).length);
    assert.ok(counts.every((count) => count > 0), `${counts}`);
  });
});

// What docs/operations tells operators to type: flags that there are, and files of flags that the programs take, with
// the units that they are for.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program, runToEnd, scratchFolder } from '../support/programs.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (file) => readFileSync(path.join(repository, file), 'utf8');
const UNITS = 'docs/operations/systemd';
const units = readdirSync(path.join(repository, UNITS));

// Ours have underscores where other programs' have dashes.
const flagsIn = (text) => [...text.matchAll(/(?<![\w-])--([a-z0-9]+(?:_[a-z0-9]+)+)\b/g)].map(([, flag]) => flag);

// Any port, and nothing that takes the place of another program.
const ANYWHERE = {
  'livecounter': ['http', 'console', 'grpc', 'metrics'], 'livecounter-counterd': ['grpc', 'edge', 'metrics'],
  'livecounter-gateway': ['http', 'console', 'metrics'], 'livecounter-verifier': ['grpc', 'metrics'],
};

describe('the pages for operators', () => {
  const known = new Set(['docs/configuration.md', 'docs/cli.md'].flatMap((page) => flagsIn(read(page))));
  const pages = ['docs/operations', 'docs/runbooks', 'docs'].flatMap((folder) =>
    readdirSync(path.join(repository, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`));

  it('name flags that there are', () => {
    const texts = [...pages, ...units.map((unit) => `${UNITS}/${unit}`)].map((file) => [file, flagsIn(read(file))]);
    assert.ok(texts.flatMap(([, flags]) => flags).length > 100);
    const wrong = texts.flatMap(([file, flags]) => flags.filter((flag) => !known.has(flag)).map((flag) => `${file}: --${flag}`));
    assert.deepEqual(wrong, []);
  });
});

describe('install.md', () => {
  const files = [...read('docs/operations/install.md').matchAll(/^cat >\/etc\/livecounter\/(\S+\.flags) <<'FLAGS'\n([^]*?)^FLAGS$/gm)]
    .map(([, name, text]) => ({ name, text }));
  const token = `${'0123456789'.repeat(4)}\n`;
  const others = new Map(); // where they are by the page → where they are here
  let programs = [];

  before(async () => {
    const folder = scratchFolder();
    writeFileSync(path.join(folder, 'edge-token'), token, { mode: 0o600 });
    const start = (program, ...flags) => Program.start(program, [
      ...ANYWHERE[program].map((one) => `--${one}_listen=127.0.0.1:0`), `--edge_token_file=${path.join(folder, 'edge-token')}`, ...flags,
    ]);
    programs = await Promise.all([
      start('livecounter-counterd', `--data_dir=${path.join(folder, 'data')}`), start('livecounter-verifier'),
    ]);
    const [counterd, verifier] = programs.map(({ address }) => address);
    for (const [there, here] of [['10.0.0.10:9090', counterd.grpc], ['10.0.0.10:9091', counterd.edge], ['10.0.0.30:9092', verifier.grpc]]) others.set(there, here);
  });

  after(() => Promise.all(programs.map((program) => program.kill())));

  it('has a file of flags for each unit', () => {
    assert.deepEqual(files.map(({ name }) => name.replace(/-\d+\.flags$|\.flags$/, '')), ['livecounter', 'counterd', 'gateway', 'verifier']);
    assert.equal(files.length, units.length);
  });

  for (const unit of units) {
    it(`has flags that ${unit} starts with`, async () => {
      const folder = scratchFolder();
      const here = (text) => text.replaceAll(/\/etc\/livecounter|\/var\/lib\/livecounter|%d|%S/g, folder).replaceAll('%i', '0')
        .replaceAll(/10\.0\.0\.\d+:\d+/g, (there) => others.get(there) ?? there);
      for (const { name, text } of files) writeFileSync(path.join(folder, name), here(text));
      writeFileSync(path.join(folder, 'edge-token'), token, { mode: 0o600 });
      const [, program, flags] = /^ExecStart=\/usr\/local\/bin\/(\S+) (.*)$/m.exec(read(`${UNITS}/${unit}`));
      const listeners = ANYWHERE[program].map((one) => `--${one}_listen=127.0.0.1:0`);
      const { code, stderr } = await runToEnd(program, [...here(flags).split(' '), ...listeners, '--check_config']);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /"level":"(warning|error)"/);
    });
  }
});

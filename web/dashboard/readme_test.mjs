// Holds the README to what it says: that whatever the command line can do is here, or is named as what is not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const read = (file) => readFileSync(new URL(file, import.meta.url), 'utf8');

// The text from a heading to the next one of its level.
function sectionOf(text, heading) {
  const [, section] = text.split(`\n## ${heading}\n`);
  assert.ok(section, `there is a section "${heading}"`);
  return section.split('\n## ')[0];
}

// Command → its flags, as the program's help has them.
function readCommands(text) {
  const [, ...parts] = sectionOf(text, 'Each command').split('\n### ');
  return new Map(parts.map((part) => [part.split('\n')[0], [...part.matchAll(/^\| `(?:-\w, )?(--\w+)/gm)].map(([, flag]) => flag)]));
}

// The rows of a table: what the first cell names, and what the second says.
const readRows = (section) => section.split('\n').filter((line) => line.startsWith('| `')).map((line) => {
  const [, first, second] = line.split('|');
  const names = [...first.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  return { commands: names.filter((name) => !name.startsWith('-')), flags: names.filter((name) => name.startsWith('-')), says: second.trim() };
});

describe('the README', () => {
  const commands = readCommands(read('../../docs/cli.md'));
  const readme = read('README.md');
  const here = readRows(sectionOf(readme, 'What the command line can do, and where it is here'));
  const alone = readRows(sectionOf(readme, 'What the command line alone can do'));
  const isAlone = (name) => alone.some((row) => row.commands.includes(name) || row.flags.includes(name));
  const rowsOf = (command) => here.filter((row) => row.commands.includes(command));

  it('knows where each command is here, or why it is not', () => {
    assert.ok(commands.size >= 40, 'the page of the command line is read');
    assert.deepEqual([...commands.keys()].filter((command) => (rowsOf(command).length > 0) === isAlone(command)), [], 'are in neither table, or in both');
  });

  it('knows where each flag is here, or why it is not', () => {
    const missing = [...commands].filter(([command]) => !isAlone(command)).flatMap(([command, flags]) =>
      flags.filter((flag) => !isAlone(flag) && !rowsOf(command).some((row) => row.flags.includes(flag))).map((flag) => `${command} ${flag}`));
    assert.deepEqual(missing, []);
  });

  it('names nothing that the command line has not, and says something of each', () => {
    const flags = new Set([...commands.values()].flat());
    const rows = [...here, ...alone];
    assert.deepEqual(rows.flatMap((row) => [...row.commands.filter((name) => !commands.has(name)), ...row.flags.filter((name) => !flags.has(name))]), []);
    assert.deepEqual(here.flatMap((row) => row.flags.filter((flag) => !row.commands.some((name) => commands.get(name).includes(flag)))), [], 'are flags of no command in their row');
    assert.deepEqual(rows.filter(({ says }) => !says), []);
  });
});

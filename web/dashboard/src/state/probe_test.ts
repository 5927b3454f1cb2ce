import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Progress } from '../api/services.ts';
import { advance, breakOff, newProbe } from './probe.ts';

const after = (...messages: Progress[]) => messages.reduce(advance, newProbe());
const states = (...messages: Progress[]) => after(...messages).steps.map(({ state }) => state);

const passed = (step: Progress['step'], answered = 1): Progress =>
  ({ step: step!, answered, expected: answered, stepDone: true, passed: true, done: false, reason: '' });

describe('a probe', () => {
  it('begins with four steps that wait', () => {
    assert.deepEqual(states(), ['waiting', 'waiting', 'waiting', 'waiting']);
  });

  it('counts up while a load runs, and keeps its latencies', () => {
    const latency = { p50: '0.010s', buckets: [{ upTo: '0.025s', calls: 80 }] };
    const probe = after(passed('OWNERSHIP_INVALID'), passed('OWNERSHIP_VALID'),
      { step: 'LOAD_INVALID', answered: 80, expected: 500, latency }, { step: 'LOAD_INVALID', answered: 120, expected: 500 });
    assert.deepEqual(probe.steps.map(({ state }) => state), ['passed', 'passed', 'running', 'waiting']);
    assert.equal(probe.steps[2]?.answered, 120);
    assert.equal(probe.steps[2]?.latency, latency);
    assert.equal(probe.isOver, false);
  });

  it('passes when its last message says so', () => {
    const probe = after(passed('OWNERSHIP_INVALID'), passed('OWNERSHIP_VALID'), passed('LOAD_INVALID', 500), passed('LOAD_VALID', 500),
      { step: 'SUMMARY', done: true, passed: true });
    assert.equal(probe.isOver && probe.hasPassed, true);
    assert.deepEqual(probe.steps.map(({ state }) => state), ['passed', 'passed', 'passed', 'passed']);
  });

  it('names the reason of a failure, and what was not run for it', () => {
    const probe = after({ step: 'OWNERSHIP_INVALID', stepDone: true, passed: false, expected: 1, reason: 'the body is not the API key' },
      { step: 'SUMMARY', done: true, passed: false, reason: 'w-invalid: the body is not the API key' });
    assert.deepEqual(probe.steps.map(({ state }) => state), ['failed', 'skipped', 'skipped', 'skipped']);
    assert.equal(probe.steps[0]?.reason, 'the body is not the API key');
    assert.equal(probe.hasPassed, false);
    assert.match(probe.reason, /^w-invalid/);
  });

  it('needs no load where an endpoint passed shortly before', () => {
    const messages = [passed('OWNERSHIP_INVALID'), passed('OWNERSHIP_VALID'), { step: 'SUMMARY', done: true, passed: true } as Progress];
    assert.deepEqual(states(...messages), ['passed', 'passed', 'skipped', 'skipped']);
  });

  it('that breaks off has not passed', () => {
    const probe = breakOff(after(passed('OWNERSHIP_INVALID')), 'the connection broke');
    assert.deepEqual([probe.isOver, probe.hasPassed, probe.reason], [true, false, 'the connection broke']);
  });
});

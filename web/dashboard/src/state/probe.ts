// The test of an endpoint, as its progress tells it: four steps, and how it ended.
import type { LatencySummary, Progress } from '../api/services.ts';

export type StepState = 'waiting' | 'running' | 'passed' | 'failed' | 'skipped';

export interface Step {
  id: string;
  title: string;
  detail: string;
  state: StepState;
  answered: number;
  expected: number;
  reason: string;
  latency: LatencySummary | undefined;
}

export interface Probe {
  steps: Step[];
  isOver: boolean;
  hasPassed: boolean;
  reason: string;
}

const step = (id: string, title: string, detail: string): Step =>
  ({ id, title, detail, state: 'waiting', answered: 0, expected: 0, reason: '', latency: undefined });

export const newProbe = (): Probe => ({
  steps: [
    step('OWNERSHIP_INVALID', 'A stranger is refused', 'The user w-invalid gets 401 and your API key.'),
    step('OWNERSHIP_VALID', 'A user is known', 'The user w-valid gets 200 and your API key.'),
    step('LOAD_INVALID', '500 strangers at once', '500 calls for w-invalid at the same time, all answered rightly within 3 s.'),
    step('LOAD_VALID', '500 users at once', '500 calls for w-valid at the same time, all answered rightly within 3 s.'),
  ],
  isOver: false,
  hasPassed: false,
  reason: '',
});

// The probe after one more message.
export function advance(probe: Probe, progress: Progress): Probe {
  if (progress.done) return finish(probe, progress);
  return { ...probe, steps: probe.steps.map((known) => (known.id === progress.step ? advanceStep(known, progress) : known)) };
}

function advanceStep(known: Step, progress: Progress): Step {
  return {
    ...known,
    state: progress.stepDone ? (progress.passed ? 'passed' : 'failed') : 'running',
    answered: progress.answered ?? 0,
    expected: progress.expected ?? 0,
    reason: progress.stepDone && !progress.passed ? progress.reason ?? '' : '',
    latency: progress.latency ?? known.latency,
  };
}

// What did not run, ran out of need (an endpoint that passed shortly before) or of luck.
function finish(probe: Probe, progress: Progress): Probe {
  return {
    steps: probe.steps.map((known) => (known.state === 'passed' || known.state === 'failed' ? known : { ...known, state: 'skipped' as const })),
    isOver: true,
    hasPassed: progress.passed ?? false,
    reason: progress.reason ?? '',
  };
}

// The probe when its call broke off.
export const breakOff = (probe: Probe, reason: string): Probe =>
  finish(probe, { done: true, passed: false, reason });

// Whether visitors are verified, and the test of the customer's endpoint, step by step as it goes.
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallError, isCode } from '../../api/connect.ts';
import { products as service } from '../../api/services.ts';
import { advance, breakOff, newProbe, type Probe, type Step } from '../../state/probe.ts';
import { formatInteger } from '../../state/numbers.ts';
import { Button, CopyButton, Failure, Field, Notice, Panel, sentence, Switch, Tag } from '../../ui/elements.tsx';
import { Histogram } from '../../ui/histogram.tsx';
import { useAction } from '../../ui/hooks.ts';
import { onUnauthenticated } from '../../ui/session.tsx';
import { toast } from '../../ui/toast.tsx';
import type { TabProps } from './product.tsx';

type Kind = 'test' | 'save';

interface Running {
  kind: Kind;
  uri: string;
  probe: Probe;
}

export function VerificationTab(props: TabProps) {
  const { product, onStale } = props;
  const name = product.name ?? '';
  const [uri, setUri] = useState(product.verification?.endpointUri ?? '');
  const [isEnabled, setEnabled] = useState(true);
  const [shown, setShown] = useState<Running | undefined>();
  const life = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => life.current?.abort(), []);
  const isRunning = shown !== undefined && !shown.probe.isOver;

  const start = async (kind: Kind): Promise<void> => {
    life.current = new AbortController();
    const { signal } = life.current;
    let probe = newProbe();
    const show = (next: Probe): void => { probe = next; setShown({ kind, uri, probe }); };
    show(probe);
    try {
      const request = { name, verification: { endpointUri: uri.trim(), enabled: isEnabled } };
      const progress = kind === 'test' ? service.testVerification(request, signal) : service.saveVerification(request, signal);
      for await (const message of progress) show(advance(probe, message));
      if (probe.hasPassed && kind === 'save') {
        toast(isEnabled ? 'Saved: visitors are verified from now on.' : 'Saved and switched off: everybody counts.');
        onStale();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isCode(error, 'unauthenticated')) return onUnauthenticated();
      show(breakOff(probe, error instanceof CallError ? error.message : String(error)));
    }
  };
  const stop = (): void => {
    life.current?.abort();
    if (shown) setShown({ ...shown, probe: breakOff(shown.probe, 'Stopped by you.') });
  };
  return (
    <>
      <State {...props} />
      <Panel title="Your endpoint" description="Before a visitor counts, your server is asked whether it knows the presence ID that the page passed. Watching never waits for the answer.">
        <form onSubmit={(event) => { event.preventDefault(); if (uri && !isRunning) void start('test'); }} noValidate>
          <Field label="Address" value={uri} onInput={setUri} isCode input={{ autocomplete: 'off', inputMode: 'url', placeholder: 'https://shop.example/livecounter', name: 'endpoint' }}
            hint={<>We POST <code>{'{"pId":"…"}'}</code>. Answer <code>200</code> and the API key for a user whom you know, <code>401</code> and the API key for one whom you do not.</>} />
          <Switch label="Verify visitors once it is saved" isOn={isEnabled} disabled={isRunning} onChange={setEnabled}
            hint="Off: everybody counts until you switch it on above." />
          <div class="actions">
            <Button type="submit" disabled={!uri || isRunning} isBusy={isRunning && shown.kind === 'test'}>Test</Button>
            <Button kind="primary" disabled={!uri || isRunning} isBusy={isRunning && shown.kind === 'save'} onClick={() => void start('save')}>Test and save</Button>
            {isRunning && <Button kind="quiet" onClick={stop}>Stop</Button>}
          </div>
          <p class="hint">The load test can run once a minute. An endpoint that passed within 10 minutes is saved without another.</p>
        </form>
        {shown && <Report {...shown} />}
      </Panel>
      {product.verification?.signingSecret && <Secret secret={product.verification.signingSecret} />}
    </>
  );
}

function State({ product, onChanged }: TabProps) {
  const { endpointUri = '', enabled = false } = product.verification ?? {};
  const toggle = useAction(async (isOn: boolean) => {
    onChanged(await service.update({
      product: { name: product.name ?? '', etag: product.etag ?? '', verification: { enabled: isOn } }, updateMask: 'verification.enabled',
    }));
    toast(isOn ? 'Visitors are verified again.' : 'Everybody counts, without being verified.');
  });
  if (!endpointUri) {
    return <Notice title="Everybody counts">Visitors are not verified: who sends many presence IDs counts many times. Test and save an endpoint of yours, and only those count whom it knows.</Notice>;
  }
  return (
    <Notice tone={enabled ? 'good' : 'info'} title={enabled ? 'Only verified visitors count' : 'Verification is off'}>
      <p><code>{endpointUri}</code></p>
      <Switch label="Verify visitors" isOn={enabled} disabled={toggle.isBusy} onChange={(isOn) => toggle.run(isOn)} />
      <Failure error={toggle.error} />
    </Notice>
  );
}

const Report = ({ kind, uri, probe }: Running) => (
  <div class="report" aria-live="polite">
    <ol class="steps">{probe.steps.map((step) => <StepRow key={step.id} step={step} />)}</ol>
    {probe.isOver && (
      <Notice tone={probe.hasPassed ? 'good' : 'bad'} title={outcome(kind, probe.hasPassed)}>
        {probe.hasPassed ? <code>{uri}</code> : sentence(probe.reason || probe.steps.find(({ state }) => state === 'failed')?.reason || 'The server gave no reason')}
      </Notice>
    )}
  </div>
);

function outcome(kind: Kind, hasPassed: boolean): string {
  if (!hasPassed) return kind === 'save' ? 'Not saved' : 'The test did not pass';
  return kind === 'save' ? 'Passed and saved' : 'The test passed';
}

const STATE_WORDS = { waiting: 'waiting', running: 'running', passed: 'passed', failed: 'failed', skipped: 'not run' } as const;
const STATE_TONES = { waiting: 'info', running: 'warning', passed: 'good', failed: 'bad', skipped: 'info' } as const;

function StepRow({ step }: { step: Step }) {
  const { title, detail, state, answered, expected, reason, latency } = step;
  const isLoad = expected > 1;
  return (
    <li class={`step ${state}`}>
      <div class="head">
        <strong>{title}</strong>
        {isLoad && <span class="count"><b>{formatInteger(answered)}</b> / {formatInteger(expected)}</span>}
        <Tag tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Tag>
      </div>
      <p class="hint">{detail}</p>
      {isLoad && <progress value={answered} max={expected} aria-label={`${title}: right answers`} />}
      {reason && <p class="problem">{sentence(reason)}</p>}
      {latency && (latency.buckets ?? []).length > 0 && <Histogram latency={latency} />}
    </li>
  );
}

function Secret({ secret }: { secret: string }) {
  const [isShown, setShown] = useState(false);
  return (
    <Panel title="Signing secret" description="Each call carries Standard Webhooks headers, signed with it, so that your server can tell our calls from anyone’s. Unlike a key it is secret."
      actions={<><Button onClick={() => setShown(!isShown)}>{isShown ? 'Hide' : 'Show'}</Button><CopyButton text={secret} label="Copy the signing secret" /></>}>
      {isShown && <p><code class="key">{secret}</code></p>}
    </Panel>
  );
}


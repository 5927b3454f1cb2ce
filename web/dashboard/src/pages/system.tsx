// For operators: what the counter service does, its gateways, and a backup.
import { useState } from 'preact/hooks';
import { system as service, type GatewaySession, type SystemStatus } from '../api/services.ts';
import { formatInteger, plural } from '../state/numbers.ts';
import { formatAgo, formatDateTime } from '../state/times.ts';
import { FormDialog } from '../ui/dialog.tsx';
import { Button, Empty, Field, Figure, LoadError, Loading, Notice, Panel, Tag, type Tone } from '../ui/elements.tsx';
import { useAction, usePolling, useResource, useTitle } from '../ui/hooks.ts';
import { toast } from '../ui/toast.tsx';

const LOOK_AGAIN_MS = 2000;

export function SystemPage() {
  useTitle('System');
  const status = useResource('system', (signal) => service.status({}, signal));
  usePolling(status.reload, LOOK_AGAIN_MS);
  const [isBackingUp, setBackingUp] = useState(false);
  return (
    <>
      <div class="title-row">
        <h1 tabIndex={-1}>System</h1>
        <Button onClick={() => setBackingUp(true)}>Back up …</Button>
      </div>
      {status.value
        ? <Status status={status.value} />
        : status.error ? <LoadError error={status.error} retry={status.reload} what="system" /> : <Loading lines={6} />}
      {status.value && status.error && <Notice tone="warning" isAlert>The counter service does not answer: this is how it was last seen. Gateways keep their numbers, and POSTs wait.</Notice>}
      {isBackingUp && <BackUp onClose={() => setBackingUp(false)} />}
    </>
  );
}

function Status({ status }: { status: SystemStatus }) {
  const { sessions = [], startTime = '', version, epoch, recovering, present = '0', auditMismatches = '0' } = status;
  const connections = sessions.reduce((sum, session) => sum + BigInt(session.connections ?? '0'), 0n);
  return (
    <>
      {recovering && <Notice tone="warning" title="Recovering">The counter service has just started, and waits until its gateways have said what they hold. No number falls meanwhile.</Notice>}
      <div class="figures">
        <Figure kind="here" label="Here now" value={formatInteger(BigInt(present))} note="presence IDs, over all counters" />
        <Figure label="Connections" value={formatInteger(connections)} note={`at ${plural(sessions.length, 'gateway', 'gateways')}`} />
        <Figure label="Audit mismatches" value={formatInteger(BigInt(auditMismatches))} note={auditMismatches === '0' ? 'every gateway’s share is as it says' : 'found since the start, and healed'} />
      </div>
      <Panel title="Gateways" description="Each process that is attached, and what counts because of it.">
        {sessions.length === 0 ? <Empty title="No gateway is attached.">Nobody is counted until one is.</Empty> : <Sessions sessions={sessions} />}
      </Panel>
      <Panel title="Counter service">
        <dl class="facts">
          <div><dt>Version</dt><dd>{version}</dd></div>
          <div title={`Epoch ${epoch}`}><dt>Started</dt><dd>{formatDateTime(startTime)}, {startTime && formatAgo(startTime, Date.now())}</dd></div>
        </dl>
      </Panel>
    </>
  );
}

const STATES: Record<string, [title: string, tone: Tone]> = {
  ATTACHED: ['attached', 'good'], RESENDING: ['resending', 'warning'], LOST: ['lost', 'bad'], DETACHED: ['draining', 'warning'],
};

const isGoing = ({ state }: GatewaySession): boolean => state === 'LOST' || state === 'DETACHED';

const Sessions = ({ sessions }: { sessions: GatewaySession[] }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label="Gateways">
    <table class="rows">
      <thead><tr><th>Process</th><th>State</th><th class="number">Here</th><th class="number">Connections</th><th class="wide">Leaves</th></tr></thead>
      <tbody>
        {sessions.map((session) => {
          const [title, tone] = STATES[session.state ?? ''] ?? ['unknown', 'info'];
          return (
            <tr key={session.holder}>
              <td><code title={session.holder}>{session.holder?.slice(0, 8)}</code></td>
              <td><Tag tone={tone}>{title}</Tag></td>
              <td class="number here">{formatInteger(BigInt(session.present ?? '0'))}</td>
              <td class="number">{formatInteger(BigInt(session.connections ?? '0'))}</td>
              <td class="wide">{isGoing(session) ? formatAgo(session.expireTime ?? '', Date.now()) : <span class="none">–</span>}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

function BackUp({ onClose }: { onClose: () => void }) {
  const [directory, setDirectory] = useState('');
  const backUp = useAction(async () => {
    await service.backup({ directory });
    toast(`The copy is at ${directory}.`);
    onClose();
  });
  return (
    <FormDialog title="Back up" submit="Back up" action={backUp} onClose={onClose} isReady={directory.startsWith('/')}>
      <Field label="Directory" value={directory} onInput={setDirectory} isCode input={{ autofocus: true, autocomplete: 'off', placeholder: '/var/backups/livecounter/today' }}
        hint="On the machine of the counter service; it must not be there yet. The service goes on meanwhile." />
    </FormDialog>
  );
}

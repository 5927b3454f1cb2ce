// What a product allows, and how long who left still counts.
import { useState } from 'preact/hooks';
import { isCode } from '../../api/connect.ts';
import { products as service, type Product } from '../../api/services.ts';
import { formatMillis, millisOf, parseMillis, toDuration } from '../../state/durations.ts';
import { accountIdOf, productIdOf } from '../../state/names.ts';
import { parseTotal } from '../../state/numbers.ts';
import { originsProblem, splitOrigins } from '../../state/origins.ts';
import { formatDateTime } from '../../state/times.ts';
import { ConfirmByTyping } from '../../ui/dialog.tsx';
import { Button, Failure, Field, Notice, Panel, Switch } from '../../ui/elements.tsx';
import { useAction } from '../../ui/hooks.ts';
import { navigate } from '../../ui/router.tsx';
import { toast } from '../../ui/toast.tsx';
import type { TabProps } from './product.tsx';

// Keyed by the etag: what others changed meanwhile is what the fields hold then.
export function SettingsTab(props: TabProps) {
  return (
    <>
      <General {...props} key={`general ${props.product.etag}`} />
      <Timing {...props} key={`timing ${props.product.etag}`} />
      <Limits {...props} key={`limits ${props.product.etag}`} />
      <Danger {...props} />
    </>
  );
}

function useSave({ product, onChanged }: TabProps, change: () => Product, updateMask: string) {
  return useAction(async () => {
    onChanged(await service.update({ product: { ...change(), name: product.name ?? '', etag: product.etag ?? '' }, updateMask }));
    toast('Saved. Gateways follow within a second, open pages too.');
  });
}

interface SectionProps {
  title: string;
  description?: string;
  isReady: boolean;
  save: ReturnType<typeof useSave>;
  onStale: () => void;
  children: preact.ComponentChildren;
}

const Section = ({ title, description, isReady, save, onStale, children }: SectionProps) => (
  <Panel title={title} description={description}>
    <form onSubmit={(event) => { event.preventDefault(); if (isReady) save.run(); }} noValidate>
      {children}
      {isCode(save.error, 'aborted')
        ? <Notice tone="warning" isAlert actions={<Button onClick={onStale}>Load again</Button>}>Somebody changed this product since you opened it. Load it again, and decide again.</Notice>
        : <Failure error={save.error} />}
      <div class="actions"><Button type="submit" kind="primary" isBusy={save.isBusy} disabled={!isReady}>Save</Button></div>
    </form>
  </Panel>
);

function General(props: TabProps) {
  const { product, onStale } = props;
  const [displayName, setDisplayName] = useState(product.displayName ?? '');
  const [originsText, setOrigins] = useState((product.allowedOrigins ?? []).join('\n'));
  const [autoCreateCounters, setAutoCreate] = useState(product.autoCreateCounters ?? false);
  const allowedOrigins = splitOrigins(originsText);
  const problem = originsProblem(allowedOrigins);
  const save = useSave(props, () => ({ displayName, allowedOrigins, autoCreateCounters }), 'displayName,allowedOrigins,autoCreateCounters');
  return (
    <Section title="General" description={`Id ${productIdOf(product.name)}, created ${formatDateTime(product.createTime)}.`} isReady={problem === undefined} save={save} onStale={onStale}>
      <Field label="Name" value={displayName} onInput={setDisplayName} input={{ autocomplete: 'off' }} />
      <Field label="Allowed origins" value={originsText} onInput={setOrigins} rows={3} isCode problem={problem}
        hint={<>Whose pages may use this product, one a line: <code>https://shop.example</code>, <code>https://*.shop.example</code> for one label, <code>*</code> for any. None: programs only, which send no origin.</>} />
      <Switch label="A POST creates its counter" hint="Otherwise a hit to a counter that does not exist is answered with 404." isOn={autoCreateCounters} onChange={setAutoCreate} />
    </Section>
  );
}

const durationText = (duration: string | undefined): string => formatMillis(millisOf(duration));

function durationProblem(text: string, lowest: number, highest: number): string | undefined {
  const millis = parseMillis(text);
  if (millis === undefined) return 'Write a duration such as 100 ms or 10 s.';
  return millis < lowest || millis > highest ? `From ${formatMillis(lowest)} to ${formatMillis(highest)}.` : undefined;
}

function Timing(props: TabProps) {
  const { product, onStale } = props;
  const [clean, setClean] = useState(durationText(product.cleanLeaveGrace));
  const [lost, setLost] = useState(durationText(product.lostLeaveGrace));
  const [interval, setInterval] = useState(durationText(product.minUpdateInterval));
  const problems = { clean: durationProblem(clean, 0, 60_000), lost: durationProblem(lost, 0, 300_000), interval: durationProblem(interval, 10, 60_000) };
  const save = useSave(props, () => ({
    cleanLeaveGrace: toDuration(parseMillis(clean) ?? 0), lostLeaveGrace: toDuration(parseMillis(lost) ?? 0), minUpdateInterval: toDuration(parseMillis(interval) ?? 0),
  }), 'cleanLeaveGrace,lostLeaveGrace,minUpdateInterval');
  return (
    <Section title="Leave delays" description="So that a reload or a tunnel makes no number flicker." isReady={!Object.values(problems).some(Boolean)} save={save} onStale={onStale}>
      <div class="row">
        <Field label="After a page was closed" value={clean} onInput={setClean} problem={problems.clean} hint="Its visitor counts for so long. 1 s holds over a reload." />
        <Field label="After a connection was lost" value={lost} onInput={setLost} problem={problems.lost} hint="Its visitor counts for so long, and may come back unnoticed." />
        <Field label="Between updates" value={interval} onInput={setInterval} problem={problems.interval} hint="One counter’s number comes to one page at most this often." />
      </div>
    </Section>
  );
}

const numberProblem = (text: string): string | undefined => (parseTotal(text || '0') === undefined ? 'A whole number; 0 means no limit.' : undefined);
const rateProblem = (text: string): string | undefined => (/^(\d+\.?\d*|\.\d+)?$/.test(text.trim()) ? undefined : 'A number; 0 means no limit.');

function Limits(props: TabProps) {
  const { product, onStale } = props;
  const [connections, setConnections] = useState(product.limits?.maxConnections ?? '0');
  const [perAddress, setPerAddress] = useState(product.limits?.maxConnectionsPerIp ?? '0');
  const [posts, setPosts] = useState(String(product.limits?.maxPostsPerSecond ?? 0));
  const problems = [numberProblem(connections), numberProblem(perAddress), rateProblem(posts)];
  const save = useSave(props, () => ({
    limits: { maxConnections: `${parseTotal(connections || '0') ?? 0n}`, maxConnectionsPerIp: `${parseTotal(perAddress || '0') ?? 0n}`, maxPostsPerSecond: Number(posts || '0') },
  }), 'limits.maxConnections,limits.maxConnectionsPerIp,limits.maxPostsPerSecond');
  return (
    <Section title="Limits" description="0 means no limit." isReady={!problems.some(Boolean)} save={save} onStale={onStale}>
      <div class="row">
        <Field label="Connections" value={connections} onInput={setConnections} problem={problems[0]} hint="Open ones, over all gateways." input={{ inputMode: 'numeric' }} />
        <Field label="Connections of one address" value={perAddress} onInput={setPerAddress} problem={problems[1]} hint="Open ones, at each gateway." input={{ inputMode: 'numeric' }} />
        <Field label="POSTs a second" value={posts} onInput={setPosts} problem={problems[2]} hint="Of the whole product, at each gateway." input={{ inputMode: 'decimal' }} />
      </div>
    </Section>
  );
}

function Danger({ product }: TabProps) {
  const [isAsking, setAsking] = useState(false);
  const id = productIdOf(product.name);
  const remove = useAction(async () => {
    await service.delete({ name: product.name ?? '', etag: product.etag ?? '' });
    toast(`${product.displayName || id} is deleted.`);
    navigate({ page: 'products', account: accountIdOf(product.name) });
  });
  return (
    <Panel title="Delete this product" description="With its keys, its counters and their history. Open pages are disconnected." actions={<Button kind="danger" onClick={() => setAsking(true)}>Delete …</Button>}>
      {isAsking && (
        <ConfirmByTyping title={`Delete ${product.displayName || id}?`} submit="Delete for ever" word={id} action={remove} onClose={() => setAsking(false)}>
          <p>Its keys end, its counters and their history are gone, and all pages that use it are disconnected. This cannot be undone.</p>
        </ConfirmByTyping>
      )}
    </Panel>
  );
}

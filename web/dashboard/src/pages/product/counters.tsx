// The hit counters of a product: made, changed and removed here.
import { useState } from 'preact/hooks';
import { counters as service } from '../../api/services.ts';
import { counterIdOf, counterName } from '../../state/names.ts';
import { formatInteger, parseTotal } from '../../state/numbers.ts';
import { badgeSnippet, badgeUrl, hitSnippet, viewsSnippet } from '../../state/snippets.ts';
import type { Live } from '../../state/live.ts';
import { loadConfig } from '../../api/config.ts';
import { ConfirmByTyping, Dialog, FormDialog } from '../../ui/dialog.tsx';
import { Button, Empty, Failure, Field, Id, LoadError, Loading, Notice, Panel, Snippet } from '../../ui/elements.tsx';
import { useAction, usePolling, useRequestId, useResource } from '../../ui/hooks.ts';
import { useLive } from '../../ui/live.ts';
import { toast } from '../../ui/toast.tsx';
import { inOrder, loadKeys } from './keys.tsx';
import type { TabProps } from './product.tsx';

const PAGE_SIZE = 100;
const LIST_AGAIN_MS = 10_000;
const MAX_ID_BYTES = 64;

type Question = { about: 'create' } | { about: 'set' | 'reset' | 'add' | 'delete' | 'badge'; counter: Live };

export function CountersTab({ product }: TabProps) {
  const parent = product.name ?? '';
  const [tokens, setTokens] = useState(['']); // of the pages up to the one that is shown
  const pageToken = tokens.at(-1) ?? '';
  const list = useResource(`${parent} ${pageToken}`, (signal) => service.list({ parent, pageSize: PAGE_SIZE, pageToken }, signal));
  usePolling(list.reload, LIST_AGAIN_MS);
  const { counters } = useLive(list.value?.counters ?? []);
  const [question, setQuestion] = useState<Question | undefined>();
  const close = (): void => setQuestion(undefined);
  const done = (): void => { close(); list.reload(); };
  const create = <Button kind="primary" onClick={() => setQuestion({ about: 'create' })}>New hit counter</Button>;
  const hasPages = tokens.length > 1 || Boolean(list.value?.nextPageToken);
  const hitCounters = counters.filter(({ hits }) => hits !== undefined);
  return (
    <Panel title="Hit counters" actions={hitCounters.length > 0 || hasPages ? create : undefined}
      description="They only go up, one for each POST. Presence needs no counter to be created: it is there as soon as somebody is.">
      {!list.value
        ? list.error ? <LoadError error={list.error} retry={list.reload} what="counters" /> : <Loading lines={5} />
        : hitCounters.length === 0
          ? hasPages
            ? <p class="quiet">All counters on this page count people alone.</p>
            : <Empty title="There is no hit counter." action={create}>{product.autoCreateCounters ? 'The first POST to a name creates one; or do it now.' : 'Create one, and count views, likes or downloads.'}</Empty>
          : <CounterTable counters={hitCounters} ask={setQuestion} />}
      <Pages tokens={tokens} next={list.value?.nextPageToken ?? ''} onTokens={setTokens} />
      {question && <Answer question={question} parent={parent} onClose={close} onDone={done} />}
    </Panel>
  );
}

function Pages({ tokens, next, onTokens }: { tokens: string[]; next: string; onTokens: (tokens: string[]) => void }) {
  if (tokens.length === 1 && !next) return null;
  return (
    <div class="actions end">
      <Button disabled={tokens.length === 1} onClick={() => onTokens(tokens.slice(0, -1))}>Back</Button>
      <span class="quiet">Page {tokens.length}</span>
      <Button disabled={!next} onClick={() => onTokens([...tokens, next])}>Next</Button>
    </div>
  );
}

const CounterTable = ({ counters, ask }: { counters: Live[]; ask: (question: Question) => void }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label="Hit counters">
    <table class="rows stacks">
      <thead><tr><th>Counter</th><th class="number">Hits</th><th class="number wide">Here now</th><th><span class="unseen">Actions</span></th></tr></thead>
      <tbody>
        {counters.map((counter) => {
          const id = counterIdOf(counter.name);
          const button = (about: 'set' | 'reset' | 'add' | 'delete' | 'badge', title: string) => (
            <Button kind={about === 'reset' || about === 'delete' ? 'quiet danger' : 'quiet'} label={`${title}: ${id}`} onClick={() => ask({ about, counter })}>{title}</Button>
          );
          return (
            <tr key={counter.name}>
              <td class="id"><Id id={id} /></td>
              <td class="number hits" data-unit={counter.hits === 1n ? 'hit' : 'hits'}>{formatInteger(counter.hits ?? 0n)}</td>
              <td class="number here wide">{formatInteger(counter.present)}</td>
              <td class="actions">{button('badge', 'Embed')}{button('add', 'Add')}{button('set', 'Set')}{button('reset', 'Reset')}{button('delete', 'Delete')}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

interface AnswerProps {
  onClose: () => void;
  onDone: () => void;
}

function Answer({ question, parent, ...rest }: AnswerProps & { question: Question; parent: string }) {
  switch (question.about) {
    case 'create': return <CreateCounter parent={parent} {...rest} />;
    case 'set': return <SetHits counter={question.counter} {...rest} />;
    case 'add': return <AddHits counter={question.counter} {...rest} />;
    case 'reset': return <ResetHits counter={question.counter} {...rest} />;
    case 'delete': return <DeleteCounter counter={question.counter} {...rest} />;
    case 'badge': return <Badge counter={question.counter} parent={parent} onClose={rest.onClose} />;
  }
}

function counterIdProblem(id: string): string | undefined {
  if (id.includes('/')) return 'Without slashes.';
  return new TextEncoder().encode(id).length > MAX_ID_BYTES ? `At most ${MAX_ID_BYTES} bytes.` : undefined;
}

const totalProblem = (text: string): string | undefined =>
  (text !== '' && parseTotal(text) === undefined ? 'A whole number, 0 or more.' : undefined);

function CreateCounter({ parent, onClose, onDone }: AnswerProps & { parent: string }) {
  const [counterId, setId] = useState('');
  const [start, setStart] = useState('0');
  const hits = parseTotal(start);
  const create = useAction(async () => {
    await service.create({ parent, counterId, counter: { name: counterName(parent, counterId), hits: `${hits ?? 0n}` } });
    toast(`${counterId} counts.`);
    onDone();
  });
  return (
    <FormDialog title="New hit counter" submit="Create" action={create} onClose={onClose} isReady={counterId !== '' && hits !== undefined && counterIdProblem(counterId) === undefined}>
      <Field label="Name" value={counterId} onInput={setId} isCode problem={counterIdProblem(counterId)} hint="Stands in addresses: front-page, post-17." input={{ autofocus: true, autocomplete: 'off', name: 'counter' }} />
      <Field label="Starts at" value={start} onInput={setStart} problem={totalProblem(start)} input={{ inputMode: 'numeric', autocomplete: 'off' }} />
    </FormDialog>
  );
}

function SetHits({ counter, onClose, onDone }: AnswerProps & { counter: Live }) {
  const [text, setText] = useState(`${counter.hits ?? 0n}`);
  const hits = parseTotal(text);
  const set = useAction(async () => {
    await service.set({ name: counter.name, hits: `${hits ?? 0n}` });
    toast(`${counterIdOf(counter.name)} is set.`);
    onDone();
  });
  return (
    <FormDialog title={`Set ${counterIdOf(counter.name)}`} submit="Set" action={set} onClose={onClose} isReady={hits !== undefined}>
      <Field label="Hits" value={text} onInput={setText} problem={totalProblem(text)} hint={`Now ${formatInteger(counter.hits ?? 0n)}. Every open page shows the new number at once.`} input={{ inputMode: 'numeric', autofocus: true, autocomplete: 'off' }} />
    </FormDialog>
  );
}

function AddHits({ counter, onClose, onDone }: AnswerProps & { counter: Live }) {
  const [text, setText] = useState('1');
  const requestId = useRequestId(text);
  const by = parseTotal(text);
  const add = useAction(async () => {
    // With an id: pressed again after an answer that was lost, it counts once.
    const { counter: after } = await service.increment({ name: counter.name, by: `${by ?? 1n}`, requestId });
    toast(`${counterIdOf(counter.name)} has ${formatInteger(BigInt(after?.hits ?? '0'))} hits.`);
    onDone();
  });
  return (
    <FormDialog title={`Add hits to ${counterIdOf(counter.name)}`} submit="Add" action={add} onClose={onClose} isReady={by !== undefined && by > 0n}>
      <Field label="How many" value={text} onInput={setText} problem={totalProblem(text)} input={{ inputMode: 'numeric', autofocus: true, autocomplete: 'off' }} />
    </FormDialog>
  );
}

function ResetHits({ counter, onClose, onDone }: AnswerProps & { counter: Live }) {
  const id = counterIdOf(counter.name);
  const reset = useAction(async () => {
    await service.set({ name: counter.name, hits: '0' });
    toast(`${id} begins again at 0.`);
    onDone();
  });
  return (
    <ConfirmByTyping title={`Reset ${id}?`} submit="Reset to 0" word={id} action={reset} onClose={onClose}>
      <p>Its {formatInteger(counter.hits ?? 0n)} hits are gone; what the history recorded stays.</p>
    </ConfirmByTyping>
  );
}

function DeleteCounter({ counter, onClose, onDone }: AnswerProps & { counter: Live }) {
  const id = counterIdOf(counter.name);
  const remove = useAction(async () => {
    await service.delete({ name: counter.name });
    toast(`${id} is deleted.`);
    onDone();
  });
  return (
    <ConfirmByTyping title={`Delete ${id}?`} submit="Delete for ever" word={id} action={remove} onClose={onClose}>
      <p>Its {formatInteger(counter.hits ?? 0n)} hits and its history are gone, and a POST to it is answered with 404. Who is present stays present.</p>
    </ConfirmByTyping>
  );
}

function Badge({ counter, parent, onClose }: { counter: Live; parent: string; onClose: () => void }) {
  const id = counterIdOf(counter.name);
  const parts = useResource(parent, async (signal) => {
    const [config, keys] = await Promise.all([loadConfig(), loadKeys(parent, signal)]);
    return { edge: config.edge, key: inOrder(keys).find(({ state }) => state === 'ACTIVE')?.key ?? '' };
  });
  return (
    <Dialog title={`Show and count ${id}`} onClose={onClose}>
      {!parts.value
        ? parts.error ? <Failure error={parts.error} /> : <Loading lines={4} />
        : !parts.value.key
          ? <Notice>This product has no good API key; create one first.</Notice>
          : (
            <>
              <p class="hint">In a page: shows the number, and counts each view.</p>
              <Snippet label="Lines for your page" code={viewsSnippet(parts.value.edge, parts.value.key, id)} />
              <p class="hint">As an image, where a page takes no scripts: <img class="badge" src={badgeUrl(parts.value.edge, parts.value.key, id)} alt={`The badge of ${id}`} /></p>
              <Snippet label="Badge in Markdown" code={badgeSnippet(parts.value.edge, parts.value.key, id)} />
              <p class="hint">One hit:</p>
              <Snippet label="A hit with curl" code={hitSnippet(parts.value.edge, parts.value.key, id)} />
            </>
          )}
      <div class="actions end"><Button onClick={onClose}>Close</Button></div>
    </Dialog>
  );
}

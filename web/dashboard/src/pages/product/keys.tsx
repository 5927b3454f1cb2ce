// The API keys of a product: by them pages name it.
import { useRef, useState } from 'preact/hooks';
import { allPages, apiKeys as service, type ApiKey } from '../../api/services.ts';
import { idProblem, keyIdOf } from '../../state/names.ts';
import { formatDateTime } from '../../state/times.ts';
import { ConfirmByTyping, FormDialog } from '../../ui/dialog.tsx';
import { Button, CopyButton, Empty, Field, LoadError, Loading, Panel, Tag } from '../../ui/elements.tsx';
import { useAction, useRequestId, useResource } from '../../ui/hooks.ts';
import { toast } from '../../ui/toast.tsx';
import type { TabProps } from './product.tsx';

export const loadKeys = (parent: string, signal: AbortSignal): Promise<ApiKey[]> =>
  allPages((pageToken) => service.list({ parent, pageSize: 1000, pageToken }, signal), (page) => page.apiKeys);

// Good ones first, the newest first among them.
export const inOrder = (keys: ApiKey[]): ApiKey[] => [...keys].sort((a, b) =>
  (a.state ?? '').localeCompare(b.state ?? '') || (b.createTime ?? '').localeCompare(a.createTime ?? ''));

export function KeysTab({ product }: TabProps) {
  const name = product.name ?? '';
  const keys = useResource(name, (signal) => loadKeys(name, signal));
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | undefined>();
  const create = <Button kind="primary" onClick={() => setCreating(true)}>New key</Button>;
  return (
    <Panel title="API keys" actions={keys.value?.length ? create : undefined}
      description="A key names this product in a page. Everybody who looks at the page can read it: it is no secret.">
      {!keys.value
        ? keys.error ? <LoadError error={keys.error} retry={keys.reload} what="keys" /> : <Loading lines={3} />
        : keys.value.length === 0
          ? <Empty title="There is no key." action={create}>Without one no page can use this product.</Empty>
          : <KeyTable keys={inOrder(keys.value)} onRevoke={setRevoking} />}
      {isCreating && <CreateKey parent={name} onClose={() => setCreating(false)} onDone={() => { setCreating(false); keys.reload(); }} />}
      {revoking && <RevokeKey apiKey={revoking} onClose={() => setRevoking(undefined)} onDone={() => { setRevoking(undefined); keys.reload(); }} />}
    </Panel>
  );
}

const KeyTable = ({ keys, onRevoke }: { keys: ApiKey[]; onRevoke: (key: ApiKey) => void }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label="API keys">
    <table class="rows stacks">
      <thead><tr><th>Key</th><th>State</th><th class="wide">Id</th><th class="wide">Created</th><th><span class="unseen">Actions</span></th></tr></thead>
      <tbody>
        {keys.map((key) => <KeyRow apiKey={key} onRevoke={onRevoke} key={key.name} />)}
      </tbody>
    </table>
  </div>
);

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: (key: ApiKey) => void }) {
  const { name, key = '', state, createTime, revokeTime } = apiKey;
  const shown = useRef<HTMLElement>(null);
  const isActive = state === 'ACTIVE';
  const id = keyIdOf(name);
  return (
    <tr class={isActive ? '' : 'gone'}>
      <td><code class="key" ref={shown}>{key}</code></td>
      <td>{isActive ? <Tag tone="good">active</Tag> : <Tag>{`revoked ${formatDateTime(revokeTime)}`}</Tag>}</td>
      <td class="wide"><code>{id}</code></td>
      <td class="wide">{formatDateTime(createTime)}</td>
      <td class="actions">
        {isActive && (
          <div class="actions">
            <CopyButton text={key} label={`Copy the key ${id}`} shownIn={shown} />
            <Button kind="quiet danger" label={`Revoke the key ${id}`} onClick={() => onRevoke(apiKey)}>Revoke</Button>
          </div>
        )}
      </td>
    </tr>
  );
}

interface DialogProps {
  onClose: () => void;
  onDone: () => void;
}

function CreateKey({ parent, onClose, onDone }: DialogProps & { parent: string }) {
  const [apiKeyId, setId] = useState('');
  const requestId = useRequestId(apiKeyId);
  const create = useAction(async () => {
    await service.create({ parent, apiKeyId, requestId });
    toast('The key is there; gateways take it within a second.');
    onDone();
  });
  return (
    <FormDialog title="New API key" submit="Create" action={create} onClose={onClose} isReady={idProblem(apiKeyId) === undefined}>
      <Field label="Id" value={apiKeyId} onInput={setId} isCode problem={idProblem(apiKeyId)} hint="What you call it, such as web-2026. Made up where you leave it empty." input={{ autofocus: true, autocomplete: 'off' }} />
    </FormDialog>
  );
}

function RevokeKey({ apiKey, onClose, onDone }: DialogProps & { apiKey: ApiKey }) {
  const id = keyIdOf(apiKey.name);
  const revoke = useAction(async () => {
    await service.revoke({ name: apiKey.name ?? '' });
    toast(`The key ${id} is revoked.`);
    onDone();
  });
  return (
    <ConfirmByTyping title="Revoke this key?" submit="Revoke for ever" word={id} action={revoke} onClose={onClose}>
      <p>Pages that use <code>{apiKey.key}</code> are disconnected at once and show no more numbers. This cannot be undone. To change a key without a gap, create the new one first and put it into your pages.</p>
    </ConfirmByTyping>
  );
}

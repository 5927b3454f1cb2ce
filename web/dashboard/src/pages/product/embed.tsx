// How a page shows a number: the lines to copy, and what they do, tried out right here.
import { useEffect, useRef, useState } from 'preact/hooks';
import { loadConfig } from '../../api/config.ts';
import { products as service } from '../../api/services.ts';
import { accountIdOf, productIdOf } from '../../state/names.ts';
import { isAllowed } from '../../state/origins.ts';
import { presenceSnippet } from '../../state/snippets.ts';
import { Button, Empty, Failure, Field, LoadError, Loading, Notice, Panel, Select, Snippet, Switch } from '../../ui/elements.tsx';
import { useAction, useResource } from '../../ui/hooks.ts';
import { Link } from '../../ui/router.tsx';
import { toast } from '../../ui/toast.tsx';
import { inOrder, loadKeys } from './keys.tsx';
import type { TabProps } from './product.tsx';

const PREVIEW_ID = 'preview';

export function EmbedTab(props: TabProps) {
  const name = props.product.name ?? '';
  const keys = useResource(name, async (signal) => inOrder(await loadKeys(name, signal)).filter(({ state }) => state === 'ACTIVE').map(({ key = '' }) => key));
  const config = useResource('config', () => loadConfig());
  const [chosen, setKey] = useState('');
  const [urlId, setUrlId] = useState('');
  const [isViewOnly, setViewOnly] = useState(false);
  if (!keys.value || !config.value) {
    const failed = keys.error ? keys : config;
    return failed.error ? <LoadError error={failed.error} retry={failed.reload} what="embed code" /> : <Loading lines={6} />;
  }
  if (keys.value.length === 0) return <NoKey product={name} />;
  const key = chosen || keys.value[0] || '';
  const { edge } = config.value;
  const isVerified = props.product.verification?.enabled ?? false;
  return (
    <>
      <Panel title="Put it into your page" description="Who has the page open is counted, and everybody sees the number as it changes.">
        <div class="row">
          {keys.value.length > 1 && <Select label="API key" value={key} options={keys.value.map((each) => [each, each])} onChange={setKey} />}
          <Field label="What is counted" value={urlId} onInput={setUrlId} isCode hint="The page’s own address where you leave it empty; or a name of yours, such as product-17." input={{ autocomplete: 'off', placeholder: 'window.location.href' }} />
        </div>
        <Switch label="Only look" hint="Shows the number without being counted, as on a list of products." isOn={isViewOnly} onChange={setViewOnly} />
        {isVerified && !isViewOnly && <Notice>Visitors are verified: write into the lines, where they say <code>p-id</code>, what your endpoint knows a visitor by.</Notice>}
        <Snippet label="Lines for your page" code={presenceSnippet({ edge, key, urlId, isViewOnly, isVerified })} />
      </Panel>
      <Preview {...props} edge={edge} apiKey={key} urlId={urlId || PREVIEW_ID} isViewOnly={isViewOnly} />
    </>
  );
}

const NoKey = ({ product }: { product: string }) => (
  <Empty title="This product has no good API key." action={(
    <Link class="button primary" to={{ page: 'product', account: accountIdOf(product), product: productIdOf(product), tab: 'keys' }}>To the keys</Link>
  )}>A page names its product by a key, so it needs one.</Empty>
);

interface PreviewProps extends TabProps {
  edge: string;
  apiKey: string;
  urlId: string;
  isViewOnly: boolean;
}

function Preview({ product, onChanged, ...shown }: PreviewProps) {
  const [isOn, setOn] = useState(false);
  const isRefused = !isAllowed(product.allowedOrigins ?? [], location.origin);
  const allow = useAction(async () => {
    onChanged(await service.update({
      product: { name: product.name ?? '', etag: product.etag ?? '', allowedOrigins: [...product.allowedOrigins ?? [], location.origin] },
      updateMask: 'allowedOrigins',
    }));
    toast(`Pages of ${location.origin} may use this product.`);
  });
  return (
    <Panel title="Try it here" description={<>What visitors would see at the counter <code>{shown.urlId}</code>. It is a real connection: it counts you, and it is metered.</>}>
      {isRefused
        ? (
          <Notice tone="warning" title="Not from here" actions={<Button onClick={() => allow.run()} isBusy={allow.isBusy}>Allow this origin</Button>}>
            The allowed origins of this product do not name <code>{location.origin}</code>, so gateways refuse pages of this console.
            <Failure error={allow.error} />
          </Notice>
        )
        : isOn
          ? <LivePreview {...shown} key={JSON.stringify(shown)} onStop={() => setOn(false)} />
          : <Button onClick={() => setOn(true)}>Connect</Button>}
    </Panel>
  );
}

// What /client.js leaves behind.
interface Client {
  connect: (element: Element, options: { key: string; urlId: string; impactsCount: boolean }) => { close: () => void };
}

let client: Promise<Client> | undefined;

// The very script that customers embed, from the gateway they would have it from.
function loadClient(edge: string): Promise<Client> {
  client ??= new Promise<Client>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${edge}/client.js`;
    script.addEventListener('load', () => resolve((window as unknown as { livecounter: Client }).livecounter));
    script.addEventListener('error', () => {
      client = undefined;
      reject(new Error(`${script.src} could not be loaded.`));
    });
    document.head.append(script);
  });
  return client;
}

const PATIENCE_MS = 6000;

function LivePreview({ edge, apiKey, urlId, isViewOnly, onStop }: Omit<PreviewProps, keyof TabProps> & { onStop: () => void }) {
  const element = useRef<HTMLSpanElement>(null);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    const life = new AbortController();
    let handle: { close: () => void } | undefined;
    const patience = setTimeout(() => {
      if (element.current?.textContent === '–') setTrouble(`No number came from ${edge} yet. The server’s --public_url says where browsers reach the gateways.`);
    }, PATIENCE_MS);
    loadClient(edge).then(({ connect }) => {
      if (!life.signal.aborted && element.current) handle = connect(element.current, { key: apiKey, urlId, impactsCount: !isViewOnly });
    }).catch((error: unknown) => { if (!life.signal.aborted) setTrouble(String(error instanceof Error ? error.message : error)); });
    return () => {
      life.abort();
      clearTimeout(patience);
      handle?.close();
    };
  }, []);
  return (
    <div class="preview">
      <p class="stage">People here now: <span class="preview-number" ref={element}>–</span></p>
      {trouble && <Notice tone="warning" isAlert>{trouble}</Notice>}
      <Button onClick={onStop}>Disconnect</Button>
    </div>
  );
}

// The way in: for customers by e-mail and password, for operators by their token.
import { useState } from 'preact/hooks';
import { isCode } from '../api/connect.ts';
import { sessions } from '../api/services.ts';
import { Button, Failure, Field, Notice, Segments } from '../ui/elements.tsx';
import { Mark } from '../ui/header.tsx';
import { useAction, useTitle } from '../ui/hooks.ts';
import { toSignedIn, type SignedIn } from '../ui/session.tsx';

type Way = 'in' | 'up' | 'operator';

const TITLES: Record<Way, string> = { in: 'Sign in', up: 'Create an account', operator: 'Sign in as operator' };
const MIN_PASSWORD_BYTES = 10;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

export const passwordProblem = (password: string): string | undefined =>
  (password !== '' && bytesOf(password) < MIN_PASSWORD_BYTES ? `At least ${MIN_PASSWORD_BYTES} characters.` : undefined);

export function SignInPage({ hasEnded, onEnter }: { hasEnded: boolean; onEnter: (signedIn: SignedIn) => void }) {
  const [way, setWay] = useState<Way>('in');
  useTitle(TITLES[way]);
  return (
    <main class="entrance">
      <div class="welcome">
        <p class="brand"><Mark />Live Counter</p>
        <p class="claim">What happens, and who is here, as it changes.</p>
      </div>
      <div class="card">
        <h1 tabIndex={-1}>{TITLES[way]}</h1>
        {hasEnded && <Notice>Your session is over. Sign in again to go on where you were.</Notice>}
        {way !== 'operator' && (
          <Segments label="Sign in or create an account" value={way} onChange={setWay} options={[['in', 'I have an account'], ['up', 'I am new']]} />
        )}
        {way === 'operator' ? <TokenForm onEnter={onEnter} /> : <PasswordForm isNew={way === 'up'} onEnter={onEnter} key={way} />}
        <p class="aside">
          {way === 'operator'
            ? <Button kind="quiet" onClick={() => setWay('in')}>Sign in with an e-mail address</Button>
            : <Button kind="quiet" onClick={() => setWay('operator')}>I run this server</Button>}
        </p>
      </div>
    </main>
  );
}

function PasswordForm({ isNew, onEnter }: { isNew: boolean; onEnter: (signedIn: SignedIn) => void }) {
  const [displayName, setDisplayName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const enter = useAction(async () => {
    const session = isNew ? await sessions.signUp({ email, password, displayName }) : await sessions.signIn({ email, password });
    onEnter(toSignedIn(session));
  });
  const problem = isNew ? passwordProblem(password) : undefined;
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    enter.run();
  };
  return (
    <form onSubmit={onSubmit}>
      {isNew && <Field label="Name" hint="Of you, your shop or your site." value={displayName} onInput={setDisplayName} input={{ autocomplete: 'organization', name: 'name' }} />}
      <Field label="E-mail" type="email" value={email} onInput={setEmail} input={{ autocomplete: 'username', required: true, name: 'email' }} />
      <Field label="Password" type="password" value={password} onInput={setPassword} problem={problem}
        hint={isNew ? '10 characters or more. A sentence is a good one.' : undefined}
        input={{ autocomplete: isNew ? 'new-password' : 'current-password', required: true, name: 'password' }} />
      <Failure error={enter.error} />
      {isNew && isCode(enter.error, 'permission_denied') && <p class="hint">Ask the operator of this server for an account.</p>}
      <Button type="submit" kind="primary" isBusy={enter.isBusy} disabled={!email || !password || problem !== undefined}>{isNew ? 'Create account' : 'Sign in'}</Button>
    </form>
  );
}

function TokenForm({ onEnter }: { onEnter: (signedIn: SignedIn) => void }) {
  const [token, setToken] = useState('');
  const enter = useAction(async () => onEnter(toSignedIn(await sessions.signInWithToken(token.trim()))));
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    enter.run();
  };
  return (
    <form onSubmit={onSubmit}>
      <Field label="Operator’s token" type="password" value={token} onInput={setToken} isCode
        hint={<>The server writes it to <code>admin-token</code> in its data directory when it first starts.</>}
        input={{ autocomplete: 'off', required: true, name: 'token' }} />
      <Failure error={enter.error} />
      <Button type="submit" kind="primary" isBusy={enter.isBusy} disabled={!token}>Sign in</Button>
    </form>
  );
}

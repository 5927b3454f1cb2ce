// Who is signed in.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from '../api/services.ts';
import { accountIdOf } from '../state/names.ts';

export interface SignedIn {
  isOperator: boolean;
  account: string; // its id; empty for operators
}

export const toSignedIn = (session: Session): SignedIn =>
  ({ isOperator: session.operator ?? false, account: accountIdOf(session.account) });

export const SessionContext = createContext<SignedIn>({ isOperator: false, account: '' });
export const useSession = (): SignedIn => useContext(SessionContext);

const ENDED = 'dashboard:session-ended';

// A call found that the session is over.
export const onUnauthenticated = (): void => { window.dispatchEvent(new Event(ENDED)); };

export function whenSessionEnds(then: () => void): () => void {
  window.addEventListener(ENDED, then);
  return () => window.removeEventListener(ENDED, then);
}

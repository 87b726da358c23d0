import { createContext, use } from 'react';
import type { Session, SessionState } from './session.ts';

export type SignedIn = Extract<SessionState, { status: 'in' }> & { readonly session: Session };

export const SignedInContext = createContext<SignedIn | undefined>(undefined);

/** Who is signed in, with the connection and the requests of this session. */
export function useSignedIn(): SignedIn {
  const signedIn = use(SignedInContext);
  if (signedIn === undefined) throw new Error('outside of a session');
  return signedIn;
}

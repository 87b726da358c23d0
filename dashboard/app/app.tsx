import { RouterProvider } from '@tanstack/react-router';
import { useMemo, useSyncExternalStore } from 'react';
import type { Session } from '../session/session.ts';
import { SignIn } from '../session/sign-in.tsx';
import { SignedInContext } from '../session/signed-in.ts';
import { createAppRouter } from './router.tsx';

/** The page: sign-in, or the screens of who is signed in. With other rights everything is made anew. */
export function App({ session }: { readonly session: Session }): React.JSX.Element {
  const state = useSyncExternalStore(session.subscribe, session.getSnapshot);
  if (state.status === 'starting') return <p className="starting">Connecting…</p>;
  if (state.status === 'out') return <SignIn session={session} how={state.how} problem={state.problem} />;
  return (
    <SignedInContext value={{ ...state, session }} key={`${state.who.tenant} ${state.who.sub} ${state.who.role}`}>
      <Screens />
    </SignedInContext>
  );
}

function Screens(): React.JSX.Element {
  const router = useMemo(() => createAppRouter(new URL('.', document.baseURI).pathname), []);
  return <RouterProvider router={router} />;
}

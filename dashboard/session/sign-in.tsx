import { type FormEvent, useState } from 'react';
import type { Session } from './session.ts';

export interface SignInProps {
  readonly session: Session;
  readonly how: 'development' | 'token';
  readonly problem: string | undefined;
}

export function SignIn({ session, how, problem }: SignInProps): React.JSX.Element {
  const [token, setToken] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') void session.usePasted(token.trim());
  };
  return (
    <main className="sign-in">
      <h1>PurSight Hub</h1>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
      {how === 'development' ? (
        <p>
          Open the link that the hub printed at its start, or get a new one with <code>npx pursight dashboard</code>.
        </p>
      ) : null}
      <form onSubmit={submit}>
        <label htmlFor="token">Token</label>
        <textarea
          id="token"
          rows={5}
          spellCheck={false}
          autoComplete="off"
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <p className="hint">It stays in the memory of this page, and is gone with it.</p>
        <button type="submit" disabled={token.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  );
}

import { useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import type { ApiOperation } from './api-document.ts';
import { CodeBlock } from './code-block.tsx';
import { addressOf, type Values } from './curl.ts';

export interface TryItProps {
  readonly operation: ApiOperation;
  readonly values: Values;
}

/** More is not read by anybody, and would slow the page. */
const maxShown = 20_000;

/** A request that only reads, and answers with JSON that ends. */
export function canTry({ method, answers }: ApiOperation): boolean {
  const success = answers.find(({ status }) => status === '200');
  return method === 'GET' && success?.content.some(({ mediaType }) => mediaType === 'application/json') === true;
}

/** Sends the request as who is signed in. */
export function TryIt({ operation, values }: TryItProps): React.JSX.Element {
  const { hub } = useSignedIn();
  const [answer, setAnswer] = useState<{ readonly status: string; readonly text: string }>();
  const [isSending, setSending] = useState(false);
  const send = async (): Promise<void> => {
    setSending(true);
    const startedMs = performance.now();
    try {
      const { status, body, etag } = await hub.get(addressOf(operation, values));
      const text = JSON.stringify(body, null, 2);
      const tookMs = Math.round(performance.now() - startedMs);
      setAnswer({
        status: `${status} after ${tookMs} ms${etag === undefined ? '' : `, ETag ${etag}`}`,
        text: text.length > maxShown ? `${text.slice(0, maxShown)}\n… ${text.length - maxShown} more characters` : text,
      });
    } catch (error) {
      setAnswer({ status: 'Refused', text: messageOf(error) });
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="try-it">
      <button type="button" onClick={() => void send()} disabled={isSending}>
        Send it as you
      </button>{' '}
      <span role="status" className="hint">
        {isSending ? 'Waiting…' : (answer?.status ?? '')}
      </span>
      {answer === undefined ? null : <CodeBlock label="Answer" text={answer.text} canCopy />}
    </div>
  );
}

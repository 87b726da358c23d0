import { type Client, createClient, type ExecutionResult, type SubscribePayload } from 'graphql-ws';
import WebSocket from 'ws';
import { eventually } from './eventually.ts';

/** What one operation has said so far. */
export interface Heard {
  readonly results: ExecutionResult[];
  /** What ended it: `complete`, or an error. */
  end: unknown;
  readonly stop: () => void;
  until(isThere: (heard: Heard) => boolean): Promise<void>;
}

/** The client of graphql-ws, which tries once, with a token. */
export function socketClient(hubUrl: string, token: string): Client {
  return createClient({
    url: `${hubUrl.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

/** Runs an operation, and keeps what it says. */
export function hear(client: Client, payload: SubscribePayload): Heard {
  const results: ExecutionResult[] = [];
  const end = (how: unknown): void => void (heard.end = how);
  const stop = client.subscribe(payload, {
    next: (result) => results.push(result as ExecutionResult),
    error: end,
    complete: () => end('complete'),
  });
  const until: Heard['until'] = async (isThere) => {
    await eventually(async () => {
      if (!isThere(heard))
        throw new Error(
          `not yet: ${results.length} results, the last ${JSON.stringify(results.at(-1))}, end ${JSON.stringify(heard.end)}`,
        );
    });
  };
  const heard: Heard = { results, end: undefined, stop, until };
  return heard;
}

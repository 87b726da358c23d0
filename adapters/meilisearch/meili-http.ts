import http from 'node:http';
import https from 'node:https';
import { asError } from '../../channels/base/thrown.ts';
import { isJsonObject, type JsonValue } from '../../channels/event/json.ts';

/** What the server answers is bounded by what is asked for; more than this is not an answer. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** An answer of the server that says what it does not do. */
export class MeiliFault extends Error {
  override readonly name = 'MeiliFault';
  readonly status: number;
  /** As its list of errors has it: `index_not_found`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type HttpClient = (...args: Parameters<typeof fetch>) => Promise<unknown>;

interface Sent {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

function sentOf(init: Parameters<typeof fetch>[1]): Sent {
  const headers: Record<string, string> = {};
  new Headers(init?.headers).forEach((value, name) => (headers[name] = value));
  return {
    method: init?.method ?? 'GET',
    headers,
    body: typeof init?.body === 'string' ? init.body : undefined,
    signal: init?.signal ?? undefined,
  };
}

function answerOf(status: number, text: string): JsonValue | undefined {
  let answer: JsonValue | undefined;
  try {
    answer = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new MeiliFault(status, 'not_json', `the answer with status ${status} is not JSON: is this Meilisearch?`);
  }
  if (status < 300) return answer;
  const { code, message } = isJsonObject(answer) ? answer : {};
  throw new MeiliFault(
    status,
    typeof code === 'string' ? code : '',
    typeof message === 'string' ? message : `status ${status}`,
  );
}

/** Below the 5 s after which servers close a connection on which nothing happens: a request must not meet that. */
const idleMs = 3000;
/** Requests that change nothing, which may be sent twice. */
const reads = /^GET |\/(?:multi-search|fetch)$/;

/** Resolves with the whole answer. */
function exchange(url: URL, sent: Sent, agent: http.Agent): Promise<JsonValue | undefined> {
  return new Promise((resolve, reject) => {
    const { body, signal, ...head } = sent;
    const headers =
      body === undefined ? head.headers : { ...head.headers, 'content-length': String(Buffer.byteLength(body)) };
    const options = { ...head, headers, agent, ...(signal === undefined ? {} : { signal }) };
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, options);
    outgoing.on('error', (error) => reject(outgoing.reusedSocket ? new ReusedConnection(error) : error));
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('error', reject);
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) incoming.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      incoming.on('end', () => {
        try {
          resolve(answerOf(incoming.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          reject(asError(error));
        }
      });
    });
    outgoing.end(body);
  });
}

/** The server may have closed the connection at the very moment in which it was used again. */
class ReusedConnection extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/**
 * Requests over connections that are kept. Node's own `fetch` writes head and body apart, and the second write waits
 * for the delayed acknowledgement of the first: 40 ms for each small request.
 */
export function createMeiliHttp(): { readonly request: HttpClient; readonly close: () => void } {
  const options = { keepAlive: true, noDelay: true, maxSockets: 32, scheduling: 'lifo', timeout: idleMs } as const;
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  const request: HttpClient = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:'];
    const sent = sentOf(init);
    try {
      return await exchange(url, sent, agent);
    } catch (error) {
      const mayRepeat = error instanceof ReusedConnection && reads.test(`${sent.method} ${url.pathname}`);
      if (!mayRepeat || sent.signal?.aborted === true) throw error;
      return exchange(url, sent, agent);
    }
  };
  return {
    request,
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

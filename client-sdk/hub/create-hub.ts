import { spokenProtocols } from '../../channels/protocol/version.ts';
import { type BackoffBounds, defaultBackoff } from '../connection/backoff.ts';
import { platformEnvironment } from '../connection/environment.ts';
import type { WebSocketConstructor } from '../connection/link.ts';
import type { TokenSource } from '../connection/token-source.ts';
import { HubClientError } from '../hub-client-error.ts';
import { clientVersion } from './client-version.ts';
import { HubConnection } from './hub-connection.ts';
import type { Hub } from './hub.ts';

/** Settings of {@link createHub}. */
export interface HubOptions {
  /** Address of the hub, e.g. `https://hub.example.com`. A path is kept, for a hub under a path prefix. */
  readonly url: string;
  /**
   * The bearer token. Pass a function for tokens that expire: it is called for every connection and shortly before the
   * token in use expires, and the new one replaces it without a reconnect. With a fixed string the hub object closes
   * when the token is refused or has expired.
   */
  readonly token: TokenSource;
  /** Name and version of your application, for the operators' logs; the first 60 characters are sent. */
  readonly client?: string;
  /**
   * Delay between attempts, full jitter between 0 and a bound that doubles from `minMs` to `maxMs`.
   * @default { minMs: 500, maxMs: 20000 }
   */
  readonly reconnect?: Partial<BackoffBounds>;
  /** Another WebSocket implementation, e.g. with a proxy or a private certificate authority. */
  readonly WebSocket?: WebSocketConstructor;
}

/**
 * Connects to a hub. Returns at once; watch `status` and `error`, or wait for the `live` promise of a subscription.
 *
 * @example
 * const hub = createHub({ url: 'https://hub.example.com', token: () => fetchToken() });
 * for await (const event of hub.channel('assets')) console.log(event.kind, event.subject);
 *
 * @throws HubClientError `invalid-request` if `url` or `reconnect` is not valid
 */
export function createHub(options: HubOptions): Hub {
  return new HubConnection({
    url: parseUrl(options.url),
    token: options.token,
    client: options.client === undefined ? clientVersion : `${options.client.slice(0, 60)} (${clientVersion})`,
    protocols: spokenProtocols,
    backoff: parseBackoff(options.reconnect),
    ...(options.WebSocket === undefined ? {} : { WebSocket: options.WebSocket }),
    environment: platformEnvironment,
  });
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text, globalThis.location?.href);
    if (/^(?:https?|wss?):$/u.test(url.protocol)) return url;
  } catch {
    // not an address: reported below like a wrong protocol
  }
  throw invalid(`\`url\` must be an http(s) or ws(s) address, not ${JSON.stringify(text)}`);
}

function parseBackoff(given: Partial<BackoffBounds> = {}): BackoffBounds {
  const { minMs, maxMs } = { ...defaultBackoff, ...given };
  if (minMs > 0 && maxMs >= minMs && Number.isFinite(maxMs)) return { minMs, maxMs };
  throw invalid('`reconnect` needs 0 < minMs <= maxMs, in milliseconds');
}

function invalid(message: string): HubClientError {
  return new HubClientError('invalid-request', message, { retryable: false });
}

import { HubError } from '../../channels/protocol/hub-error.ts';

const loopback = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Which browser pages may connect. Browsers always send Origin on a WebSocket handshake and pages cannot change it;
 * programs send none. Returns the refusal, or undefined to let in.
 */
export function createOriginCheck(options: {
  readonly allowed: readonly string[];
  readonly allowLoopback: boolean;
}): (origin: string | undefined) => HubError | undefined {
  const allowed = new Set(options.allowed);
  return (origin) => {
    if (origin === undefined || allowed.has(origin) || (options.allowLoopback && loopback.test(origin)))
      return undefined;
    return new HubError(
      'origin-not-allowed',
      'origin: this page may not connect; add its origin to PURSIGHT_ALLOWED_ORIGINS',
    );
  };
}

import type { Metrics } from '../observability/metrics.ts';
import { RevocationFeed } from './revocation-feed.ts';
import { StallGuard } from './stall-guard.ts';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.ts';
import type { HubOptions } from '../node/hub.ts';

/** Who may come in, and until when. */
export interface Access {
  /** A token that is genuine and was not taken back, as far as all nodes together know. */
  readonly verify: TokenVerifier;
  readonly feed: RevocationFeed;
  /** What to wait for before anything is sent, see StallGuard; nearly always nothing. */
  readonly pending: () => Promise<void> | undefined;
  /** Resolves when all that was taken back is known. @throws HubError storage-unavailable */
  start(): Promise<void>;
  stop(): Promise<void>;
}

function genuine({ settings, secrets, clock }: HubOptions): TokenVerifier {
  const { jwtIssuer: issuer, jwtAudience: audience, jwksUrl, jwtPublicKeyFile, maxTokenLifetimeMs } = settings;
  const common = { issuer, audience, maxLifetimeMs: maxTokenLifetimeMs, clock };
  if (jwksUrl !== undefined) return createTokenVerifier({ ...common, key: { jwksUrl } });
  if (jwtPublicKeyFile !== undefined)
    return createTokenVerifier({ ...common, key: { publicKeyFile: jwtPublicKeyFile } });
  return createTokenVerifier({ ...common, key: { secret: secrets.jwtSecret ?? '' } });
}

/** `onRevoked`: sessions that are concerned by what was taken back must end. */
export function createAccess(hub: HubOptions, metrics: Metrics, onRevoked: () => void): Access {
  const { adapters, clock, logger } = hub;
  const { store, bus, control: topic } = adapters;
  const isGenuine = genuine(hub);
  const feed = new RevocationFeed({
    store,
    topic,
    bus,
    clock,
    logger,
    onRevoked,
    onUnread: (problem, kind) => metrics.controlUnread.inc({ problem, kind }),
  });
  const guard = new StallGuard({
    clock,
    drain: () => feed.drained(),
    onFault: (error) =>
      logger.warn({ error }, 'this node stood still and cannot find out what was revoked; it sends nothing yet'),
  });
  return {
    feed,
    pending: () => guard.pending(),
    verify: async (token) => {
      const principal = await isGenuine(token);
      await guard.pending();
      feed.revocations.assertGood(principal);
      return principal;
    },
    async start() {
      await feed.start();
      guard.start();
    },
    async stop() {
      guard.stop();
      await feed.stop();
    },
  };
}

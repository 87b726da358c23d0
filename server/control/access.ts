import type { RevocationStore } from '../../channels/ports/revocation-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { ControlTopic } from '../../channels/ports/control-topic.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { RevocationFeed } from './revocation-feed.ts';
import { StallGuard } from './stall-guard.ts';
import { createTokenVerifier, type TokenVerifier } from '../identity/token-verifier.ts';

export interface AccessOptions {
  readonly settings: Pick<
    Settings,
    'jwtIssuer' | 'jwtAudience' | 'jwksUrl' | 'jwtPublicKeyFile' | 'maxTokenLifetimeMs'
  >;
  readonly secrets: Pick<Secrets, 'jwtSecret'>;
  readonly store: RevocationStore;
  readonly control: ControlTopic;
  readonly bus: ControlBus;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Who may come in, and until when. */
export interface Access {
  /** The principal of a valid token that was not revoked, as far as all nodes together know. */
  readonly verify: TokenVerifier;
  /** Whether the token of a principal is still good. @throws HubError token-expired, token-revoked */
  readonly assertGood: (principal: Principal) => Promise<void>;
  readonly feed: RevocationFeed;
  /** What to wait for before anything is sent, see StallGuard; nearly always nothing. */
  readonly pending: () => Promise<void> | undefined;
  /** Calls the listener when something was revoked: sessions that it concerns must end. */
  onRevoked(listener: () => void): void;
  /** Resolves when all that was revoked is known. @throws HubError storage-unavailable */
  start(): Promise<void>;
  stop(): Promise<void>;
}

function genuine({ settings, secrets, clock }: AccessOptions): TokenVerifier {
  const { jwtIssuer: issuer, jwtAudience: audience, jwksUrl, jwtPublicKeyFile, maxTokenLifetimeMs } = settings;
  const common = { issuer, audience, maxLifetimeMs: maxTokenLifetimeMs, clock };
  if (jwksUrl !== undefined) return createTokenVerifier({ ...common, key: { jwksUrl } });
  if (jwtPublicKeyFile !== undefined)
    return createTokenVerifier({ ...common, key: { publicKeyFile: jwtPublicKeyFile } });
  return createTokenVerifier({ ...common, key: { secret: secrets.jwtSecret ?? '' } });
}

export function createAccess(options: AccessOptions): Access {
  const { store, bus, control: topic, clock, logger, metrics } = options;
  const isGenuine = genuine(options);
  const listeners: (() => void)[] = [];
  const feed = new RevocationFeed({
    store,
    topic,
    bus,
    clock,
    logger,
    onRevoked: () => listeners.forEach((listener) => listener()),
    onUnread: (problem, kind) => metrics.controlUnread.inc({ problem, kind }),
  });
  const guard = new StallGuard({
    clock,
    drain: () => feed.drained(),
    onFault: (error) =>
      logger.warn(
        { error },
        'this node was frozen and cannot read what was revoked meanwhile; it sends nothing until it can',
      ),
  });
  return {
    feed,
    pending: () => guard.pending(),
    onRevoked: (listener) => void listeners.push(listener),
    verify: async (token) => {
      const principal = await isGenuine(token);
      await guard.pending();
      feed.revocations.assertGood(principal);
      return principal;
    },
    assertGood: async (principal) => {
      await guard.pending();
      if (principal.expiresAtMs <= clock.now()) throw new HubError('token-expired', 'token: has expired');
      feed.revocations.assertGood(principal);
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

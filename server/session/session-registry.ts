import { setTimeout as pause } from 'node:timers/promises';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { NoticeMessage } from '../../channels/protocol/down.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { noticeOf } from '../../channels/protocol/notice-of.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import { type ParsedConnect, parseConnect } from '../../channels/protocol/up-schema.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { ConnectGate } from '../limits/connect-gate.ts';
import type { ConnectionLimits } from '../limits/connection-limits.ts';
import type { PrincipalBudgets } from '../limits/principal-budgets.ts';
import { RepeatOffenders } from '../limits/repeat-offenders.ts';
import type { Revocations } from '../control/revocations.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { packetOf } from '../transport/packet.ts';
import type { Connection, Handshake } from '../transport/transport.ts';
import { Expiries } from './expiries.ts';
import { type HandlerContext, handleMessage } from './handlers.ts';
import type { OutageNotices } from './outage-notices.ts';
import { sendGoaways } from './send-goaways.ts';
import { describeSession } from './describe-session.ts';
import type { SessionSurroundings } from './session-surroundings.ts';
import { Session } from './session.ts';

export interface SessionRegistryOptions extends Omit<SessionSurroundings, 'expiries'> {
  readonly node: string;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly verify: TokenVerifier;
  readonly bus: ControlBus;
  readonly gate: ConnectGate;
  readonly limits: Pick<ConnectionLimits, 'refusalForPrincipal' | 'takeFor' | 'releaseFor'>;
  readonly budgets: PrincipalBudgets;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly revocations: Revocations;
  readonly outages: Pick<OutageNotices, 'current'>;
}

const drainLookMs = 20;

/** An empty screen must not look like an empty catalog. */
function nothingGranted({ roles }: Principal): NoticeMessage {
  const message =
    roles.length === 0
      ? 'the token names no roles, so nothing can be seen'
      : `none of the roles ${roles.slice(0, 10).join(', ')} grants reading anything with this token`;
  return { code: 'nothing-granted', message };
}

/** One user's programs on different machines do not pay for each other. */
function clientKey(principal: Principal, address: string): string {
  return `${principalKey(principal)}|${address}`;
}

export interface Admission {
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  readonly auth: Omit<ParsedConnect, 'token'>;
}

/** The sessions of this node, from handshake to close. */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #context: HandlerContext;
  readonly #slow: RepeatOffenders;
  readonly #floods: RepeatOffenders;
  readonly #surroundings: SessionSurroundings;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#slow = new RepeatOffenders('slow', options.clock);
    this.#floods = new RepeatOffenders('flood', options.clock);
    this.#surroundings = { ...options, expiries: new Expiries(options.clock) };
    this.#context = {
      verify: options.verify,
      classOf: (principal) => options.policy.classOf(principal),
      countMessage: (principal) => options.budgets.countMessage(principalKey(principal)),
      features: options.features,
    };
  }

  get size(): number {
    return this.#sessions.size;
  }

  get subscriptionCount(): number {
    let count = 0;
    for (const session of this.#sessions.values()) count += session.subscriptionCount;
    return count;
  }

  /**
   * Who is it, what may it see, and is there room?
   * @throws HubError unauthenticated, token-expired, unsupported-protocol, filter-too-large, rate-limited, too-many-connections
   */
  async admit(handshake: Handshake): Promise<Admission> {
    try {
      const { token, ...auth } = parseConnect(handshake.auth);
      return this.admitAs(await this.#options.verify(token), handshake.address, auth);
    } catch (error) {
      this.#options.metrics.refusals.inc({ code: HubError.from(error).code });
      throw error;
    }
  }

  /**
   * The same for one of whom it is known who it is; refusals are for the caller to count.
   * @throws HubError rate-limited, slow-consumer, too-many-connections, filter-too-large
   */
  admitAs(principal: Principal, address: string, auth: Admission['auth']): Admission {
    // behind the token: strangers must not use up the room of those who have one
    const [who, client] = [principalKey(principal), clientKey(principal, address)];
    const refusal = this.#options.limits.refusalForPrincipal(who);
    if (refusal !== undefined) throw refusal;
    this.#slow.assertPatience(client);
    this.#floods.assertPatience(client);
    this.#options.budgets.countConnect(who);
    this.#options.gate.assertCapacity();
    return { principal, policyClass: this.#context.classOf(principal), auth };
  }

  open(connection: Connection, { principal, policyClass, auth }: Admission): void {
    const { limits, budgets } = this.#options;
    const who = principalKey(principal);
    // of many that were admitted at the same time only so many find room
    const refusal = limits.refusalForPrincipal(who);
    if (refusal !== undefined) return this.#refuse(connection, refusal);
    limits.takeFor(who);
    connection.charge(budgets.inboundOf(who));
    const session = new Session({ connection, principal, policyClass, client: auth.client }, this.#surroundings);
    this.#sessions.set(session.id, session);
    connection.onClose(() => this.#close(session));
    connection.onMessage((event, payload, answer) => void this.#onMessage(session, event, payload, answer));
    session.send('welcome', {
      session: session.id,
      protocol: auth.agreedProtocol,
      features: this.#options.features().map(({ name }) => name),
      expiresAt: new Date(principal.expiresAtMs).toISOString(),
    });
    for (const notice of this.#options.outages.current) session.send('notice', notice);
    if (policyClass.isEmpty) session.send('notice', nothingGranted(principal));
    // what was revoked while the handshake went on
    if (this.#endIfRevoked(session)) return;
    for (const request of auth.subscriptions ?? []) void this.#subscribeAtConnect(session, request, auth.cursor);
    void this.#options.bus.announce(describeSession(session, this.#options.node));
    this.#options.logger.debug(
      {
        session: session.id,
        tenant: principal.tenant,
        sub: principal.sub,
        client: auth.client,
        protocol: auth.agreedProtocol,
      },
      'session opened',
    );
  }

  #refuse(connection: Connection, error: HubError): void {
    this.#options.metrics.refusals.inc({ code: error.code });
    connection.send('notice', noticeOf(error));
    connection.end();
  }

  /** Closes every session of this node that is revoked, or whose token is. */
  endRevoked(): void {
    for (const session of this.#sessions.values()) this.#endIfRevoked(session);
  }

  /** The transport has closed a connection that read too slowly. */
  closedAsSlow(id: string): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#slow.record(clientKey(session.principal, session.address));
  }

  /** The transport has closed a connection that sent more than it may. */
  closedAsFlood(id: string): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#floods.record(clientKey(session.principal, session.address));
  }

  /** Closes a session of this node if it is of the tenant. */
  disconnect(tenant: string, id: string): boolean {
    const session = this.#sessions.get(id);
    if (session?.principal.tenant !== tenant) return false;
    session.end(new HubError('disconnected', 'an operator closed this session'));
    return true;
  }

  /**
   * Asks every session to move to another node before the deadline, in slices, each with a time of its own for it.
   * Resolves when all have gone, at the deadline at the latest.
   */
  async drain(deadlineMs: number): Promise<void> {
    await sendGoaways([...this.#sessions.values()], deadlineMs);
    const untilMs = performance.now() + deadlineMs;
    while (this.#sessions.size > 0 && performance.now() < untilMs) await pause(drainLookMs);
  }

  /** Tells every session of this node why, and closes it. */
  endAll(error: HubError): void {
    for (const session of this.#sessions.values()) session.end(error);
  }

  /** Rare: it goes through all sessions. */
  publishTo(tenant: string, packet: string): void {
    const ready = packetOf(packet);
    for (const session of this.#sessions.values()) if (session.principal.tenant === tenant) session.sendPacket(ready);
  }

  #endIfRevoked(session: Session): boolean {
    const { revocations } = this.#options;
    if (!revocations.isRevoked(session.principal, session.id)) return false;
    session.cutOff(
      revocations.isRevoked(session.principal)
        ? new HubError('token-revoked', 'an administrator revoked the token of this session')
        : new HubError('disconnected', 'an operator closed this session'),
    );
    return true;
  }

  async #subscribeAtConnect(session: Session, request: SubscribeRequest, cursor: string | undefined): Promise<void> {
    try {
      await session.subscribe(request, cursor, (result) => session.send('subscribed', result));
    } catch (thrown) {
      const error = HubError.from(thrown);
      this.#refused(error);
      session.send('ended', { id: request.id, error: error.toWire() });
    }
  }

  async #onMessage(
    session: Session,
    event: string,
    payload: unknown,
    answer: ((value: object) => void) | undefined,
  ): Promise<void> {
    const error = await handleMessage(session, event, payload, answer, this.#context);
    if (error !== undefined) this.#refused(error);
  }

  #refused(error: HubError): void {
    this.#options.metrics.refusals.inc({ code: error.code });
    if (error.code === 'internal') this.#options.logger.error({ error }, 'message handling failed');
  }

  #close(session: Session): void {
    session.closed();
    this.#options.limits.releaseFor(principalKey(session.principal));
    this.#sessions.delete(session.id);
    void this.#options.bus.withdraw(session.id);
  }
}

import type { Revocation } from '../../channels/control/revocation.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { clockToleranceMs } from '../config/clock-tolerance.ts';

interface Entry {
  readonly expiresAtMs: number;
  /** Tokens that were issued earlier; undefined: whenever they were issued. */
  readonly issuedBeforeMs: number | undefined;
}

function keyOf({ tenant, target }: Revocation): string {
  switch (target.kind) {
    case 'token':
      return `${tenant}|token|${target.token}`;
    case 'subject':
      return `${tenant}|subject|${target.subject}`;
    case 'session':
      return `${tenant}|session|${target.session}`;
    case 'all':
      return `${tenant}|all|`;
  }
}

function entryOf({ target, expiresAt }: Revocation): Entry {
  const issuedBeforeMs = 'issuedBefore' in target ? Date.parse(target.issuedBefore) : undefined;
  return { expiresAtMs: Date.parse(expiresAt), issuedBeforeMs };
}

/** Two that concern the same: both count, so the wider of each bound does. */
function merged(one: Entry | undefined, other: Entry): Entry {
  if (one === undefined) return other;
  const before = [one.issuedBeforeMs, other.issuedBeforeMs].filter((ms) => ms !== undefined);
  return {
    expiresAtMs: Math.max(one.expiresAtMs, other.expiresAtMs),
    issuedBeforeMs: before.length === 0 ? undefined : Math.max(...before),
  };
}

/**
 * A token that does not say when it was issued may be of any time, and one that was issued by a clock that is ahead says
 * it was issued later than it was: so what seems to come just after counts as before.
 */
function concerns({ issuedBeforeMs }: Entry, { issuedAtMs }: Principal): boolean {
  if (issuedBeforeMs === undefined || issuedAtMs === undefined) return true;
  return issuedAtMs < issuedBeforeMs + clockToleranceMs;
}

/** The revocations known to this node. A check costs three map reads. */
export class Revocations {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The same again changes nothing. */
  add(revocation: Revocation): void {
    const key = keyOf(revocation);
    this.#entries.set(key, merged(this.#entries.get(key), entryOf(revocation)));
  }

  /** Forgets what has passed its time. */
  purge(): void {
    for (const [key, entry] of this.#entries) if (!this.#counts(entry)) this.#entries.delete(key);
  }

  /** `session`: of a connection that is open. */
  isRevoked(principal: Principal, session?: string): boolean {
    const { tenant, sub, tokenId } = principal;
    const keys = [`${tenant}|all|`, `${tenant}|subject|${sub}`];
    if (tokenId !== undefined) keys.push(`${tenant}|token|${tokenId}`);
    if (session !== undefined) keys.push(`${tenant}|session|${session}`);
    return keys.some((key) => {
      const entry = this.#entries.get(key);
      return entry !== undefined && this.#counts(entry) && concerns(entry, principal);
    });
  }

  /** @throws HubError token-revoked */
  assertGood(principal: Principal): void {
    if (this.isRevoked(principal)) throw new HubError('token-revoked', 'token: revoked by an administrator');
  }

  #counts({ expiresAtMs }: Entry): boolean {
    return expiresAtMs > this.#clock.now();
  }
}

import type { Redis } from 'ioredis';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import type { SessionPresence } from '../../channels/ports/control-bus.ts';

export interface RedisPresenceOptions {
  readonly client: Redis;
  readonly node: string;
  readonly prefix: string;
  /** How long a node that no longer refreshes stays visible. */
  readonly ttlMs: number;
  readonly onFault: (error: Error) => void;
}

function isSession(value: JsonObject): value is JsonObject & SessionPresence {
  const { id, node, tenant, sub, roles, connectedAt, client } = value;
  return [id, node, tenant, sub, connectedAt, client].every((each) => typeof each === 'string') && Array.isArray(roles);
}

/** Undefined for a text that no hub has written: it must not hide the sessions beside it. */
function sessionOf(text: string): SessionPresence | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && isSession(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Who is connected where: one hash a node, which ends by itself when the node no longer refreshes it, and one set with
 * the names of the nodes. What this node has is kept in memory too, and written whole after each outage: Redis may have
 * lost it, or have missed withdrawals. The methods that talk to Redis reject when it is away.
 */
export class RedisPresence {
  readonly #client: Redis;
  readonly #node: string;
  readonly #nodesKey: string;
  readonly #keyOf: (node: string) => string;
  readonly #ttlMs: number;
  readonly #onFault: (error: Error) => void;
  readonly #own = new Map<string, SessionPresence>();

  constructor({ client, node, prefix, ttlMs, onFault }: RedisPresenceOptions) {
    this.#onFault = onFault;
    this.#client = client;
    this.#node = node;
    this.#nodesKey = `${prefix}:presence-nodes`;
    this.#keyOf = (name) => `${prefix}:presence:${name}`;
    this.#ttlMs = ttlMs;
  }

  async announce(session: SessionPresence): Promise<void> {
    this.#own.set(session.id, session);
    const key = this.#keyOf(this.#node);
    await this.#client
      .multi()
      .hset(key, session.id, JSON.stringify(session))
      .pexpire(key, this.#ttlMs)
      .sadd(this.#nodesKey, this.#node)
      .exec();
  }

  async withdraw(sessionId: string): Promise<void> {
    this.#own.delete(sessionId);
    await this.#client.hdel(this.#keyOf(this.#node), sessionId);
  }

  /** Sessions of this node; needs no Redis. */
  ownSessions(tenant: string): readonly SessionPresence[] {
    return [...this.#own.values()].filter((session) => session.tenant === tenant);
  }

  async sessionsElsewhere(tenant: string): Promise<readonly SessionPresence[]> {
    const nodes = (await this.#client.smembers(this.#nodesKey)).filter((node) => node !== this.#node);
    const found = await Promise.all(nodes.map((node) => this.#sessionsOf(node)));
    return found.flat().filter((session) => session.tenant === tenant);
  }

  /** Writes all that this node has in place of what Redis knows of it. */
  async rewrite(): Promise<void> {
    const key = this.#keyOf(this.#node);
    const write = this.#client.multi().del(key);
    for (const session of this.#own.values()) write.hset(key, session.id, JSON.stringify(session));
    await write.pexpire(key, this.#ttlMs).sadd(this.#nodesKey, this.#node).exec();
  }

  /** Keeps this node visible. */
  async refresh(): Promise<void> {
    const stillThere = await this.#client.pexpire(this.#keyOf(this.#node), this.#ttlMs);
    if (stillThere === 0 && this.#own.size > 0) await this.rewrite();
  }

  /** Takes this node away at once. */
  async remove(): Promise<void> {
    await this.#client.multi().del(this.#keyOf(this.#node)).srem(this.#nodesKey, this.#node).exec();
  }

  async #sessionsOf(node: string): Promise<readonly SessionPresence[]> {
    const entries = await this.#client.hvals(this.#keyOf(node));
    // The name stays in the set when a node dies. It comes back by itself if the node does.
    if (entries.length === 0) await this.#client.srem(this.#nodesKey, node);
    return entries.flatMap((entry) => {
      const session = sessionOf(entry);
      if (session === undefined) this.#onFault(new Error(`a session in ${this.#keyOf(node)} is not from a hub`));
      return session ?? [];
    });
  }
}

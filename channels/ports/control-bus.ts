import type { JsonValue } from '../event/json.ts';

/** One connected session as visible to other nodes. No token, no address, no subscription content. */
export interface SessionPresence {
  readonly id: string;
  readonly node: string;
  readonly tenant: string;
  readonly sub: string;
  readonly roles: readonly string[];
  /** ISO time */
  readonly connectedAt: string;
  readonly client: string;
}

/**
 * The fast path of control between nodes: small messages and presence. Never carries events.
 *
 * - At most once: while the bus is down messages are lost and `publish` still resolves; callers must not depend on it.
 * - A message reaches every node that listens, the sender included, once.
 * - Presence of a node that died disappears after at most 30 s.
 * - No method rejects because the bus is down; see `state()`.
 */
export interface ControlBus {
  publish(topic: string, message: JsonValue): Promise<void>;
  /** Returns the function that removes the listener. */
  on(topic: string, listener: (message: JsonValue) => void): () => void;
  announce(session: SessionPresence): Promise<void>;
  withdraw(sessionId: string): Promise<void>;
  /** All nodes' sessions of a tenant; only this node's while the bus is down. */
  sessions(tenant: string): Promise<readonly SessionPresence[]>;
  state(): 'up' | 'down';
  /**
   * Opaque factory that the WebSocket server uses to reach its peers on other nodes
   * (a Socket.IO adapter constructor); undefined when there is only one node.
   */
  readonly socketAdapter?: unknown;
  close(): Promise<void>;
}

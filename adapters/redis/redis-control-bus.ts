import { randomUUID } from 'node:crypto';
import { createAdapter } from '@socket.io/redis-adapter';
import { asError } from '../../channels/base/thrown.ts';
import { isJsonObject, type JsonValue } from '../../channels/event/json.ts';
import type { ControlBus, SessionPresence } from '../../channels/ports/control-bus.ts';
import { TopicListeners } from '../../channels/ports/topic-listeners.ts';
import { openRedisClients } from './redis-clients.ts';
import { RedisPresence } from './redis-presence.ts';

export interface RedisControlBusOptions {
  readonly url: string;
  /** Name of this node; unique among the nodes that run. */
  readonly node: string;
  /** First part of every key and channel, so that several hubs may share a Redis. */
  readonly prefix: string;
  /** Hears of every fault that the bus survived: lost connections, lost messages, listeners that threw. */
  readonly onFault?: (error: Error) => void;
  /** How often presence is refreshed. Default 10 s. */
  readonly refreshMs?: number;
  /** How long the presence of a dead node stays. Default 30 s. */
  readonly presenceTtlMs?: number;
}

interface Envelope {
  readonly from: string;
  readonly topic: string;
  readonly message: JsonValue;
}

/** Any client of Redis may publish there. */
function envelopeOf(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { from, topic, message = null } = value;
    return typeof from === 'string' && typeof topic === 'string' ? { from, topic, message } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Control bus over Redis publish/subscribe. Connects in the background: it is `down` until Redis answers and works for
 * this node alone meanwhile. `socketAdapter` is made for Socket.IO 4 and never throws or rejects in an outage either.
 */
export function createRedisControlBus(options: RedisControlBusOptions): ControlBus {
  const { url, node, prefix, onFault = () => {}, refreshMs = 10_000, presenceTtlMs = 30_000 } = options;
  const { pub, sub, quietPub, quietSub } = openRedisClients(url, onFault);
  const presence = new RedisPresence({ client: pub, node, prefix, ttlMs: presenceTtlMs, onFault });
  const listeners = new TopicListeners(onFault);
  const channel = `${prefix}:control`;
  // A node that restarts keeps its name, so the name cannot tell whose message it is.
  const self = randomUUID();
  let subscribed = false;
  let reachable = true;

  const quietly = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      reachable = true;
    } catch (error) {
      reachable = false;
      onFault(asError(error));
    }
  };

  sub.on('message', (from: string, text: string) => {
    if (from === channel) receive(text);
  });
  sub.on('close', () => (subscribed = false));
  // ioredis subscribes again by itself after a reconnect, but does not say when the server has confirmed it.
  sub.on('ready', () => void sub.subscribe(channel).then(() => (subscribed = true), onFault));
  pub.on('ready', () => void quietly(() => presence.rewrite()));
  const timer = setInterval(() => void quietly(() => presence.refresh()), refreshMs).unref();

  function receive(text: string): void {
    const envelope = envelopeOf(text);
    if (envelope === undefined) return onFault(new Error(`a message on ${channel} is not from a hub`));
    if (envelope.from !== self) listeners.tell(envelope.topic, envelope.message);
  }

  return {
    async publish(topic, message) {
      listeners.tell(topic, message);
      await quietly(() => pub.publish(channel, JSON.stringify({ from: self, topic, message } satisfies Envelope)));
    },
    on: (topic, listener) => listeners.add(topic, listener),
    announce: (session) => quietly(() => presence.announce(session)),
    withdraw: (sessionId) => quietly(() => presence.withdraw(sessionId)),
    async sessions(tenant) {
      let elsewhere: readonly SessionPresence[] = [];
      // a list that could not be read must not pass for a complete one: `state()` tells
      await quietly(async () => (elsewhere = await presence.sessionsElsewhere(tenant)));
      return [...presence.ownSessions(tenant), ...elsewhere];
    },
    state: () => (subscribed && reachable && pub.status === 'ready' && sub.status === 'ready' ? 'up' : 'down'),
    socketAdapter: createAdapter(quietPub, quietSub, {
      key: `${prefix}:socket.io`,
      publishOnSpecificResponseChannel: true,
    }),
    async close() {
      clearInterval(timer);
      listeners.clear();
      if (pub.status === 'ready') await quietly(() => presence.remove());
      pub.disconnect();
      sub.disconnect();
    },
  };
}

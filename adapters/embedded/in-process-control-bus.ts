import type { ControlBus, SessionPresence } from '../../channels/ports/control-bus.ts';
import { TopicListeners } from '../../channels/ports/topic-listeners.ts';

export interface InProcessControlBusOptions {
  /** Hears of listeners that threw. */
  readonly onFault?: (error: Error) => void;
}

/** The control bus of a hub that is one process: always up, with itself as the only node. */
export function createInProcessControlBus({ onFault = () => {} }: InProcessControlBusOptions = {}): ControlBus {
  const listeners = new TopicListeners(onFault);
  const present = new Map<string, SessionPresence>();
  return {
    publish: async (topic, message) => listeners.tell(topic, message),
    on: (topic, listener) => listeners.add(topic, listener),
    announce: async (session) => void present.set(session.id, session),
    withdraw: async (sessionId) => void present.delete(sessionId),
    sessions: async (tenant) => [...present.values()].filter((session) => session.tenant === tenant),
    state: () => 'up',
    close: async () => listeners.clear(),
  };
}

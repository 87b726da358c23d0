import type { JsonValue } from '../event/json.ts';

type Listener = (message: JsonValue) => void;

/** The listeners of one node's control bus by topic. One that throws does not affect the others. */
export class TopicListeners {
  readonly #onFault: (error: Error) => void;
  readonly #byTopic = new Map<string, Set<Listener>>();

  constructor(onFault: (error: Error) => void) {
    this.#onFault = onFault;
  }

  /** Returns the function that removes the listener. The same function may be added twice and is then called twice. */
  add(topic: string, listener: Listener): () => void {
    const own: Listener = (message) => listener(message);
    const listeners = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#byTopic.get(topic) === listeners) this.#byTopic.delete(topic);
    };
  }

  tell(topic: string, message: JsonValue): void {
    for (const listener of [...(this.#byTopic.get(topic) ?? [])]) {
      try {
        listener(message);
      } catch (error) {
        this.#onFault(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  clear(): void {
    this.#byTopic.clear();
  }
}

/** A typed set of listeners: `Events` maps a name to the value passed to its listeners. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<(value: Events[Name]) => void> } = {};

  /** Adds a listener and returns the function that removes it again. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    const listeners = (this.#listeners[name] ??= new Set());
    // wrapped, so that the same function added twice is called twice and removed one at a time
    const entry = (value: Events[Name]): void => listener(value);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  has(name: keyof Events): boolean {
    return (this.#listeners[name]?.size ?? 0) > 0;
  }

  /** Calls the listeners in the order in which they were added. One that throws does not affect the others. */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        // an error of the application: shown as an uncaught exception, as if the runtime had called the listener
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

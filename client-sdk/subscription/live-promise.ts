import { HubClientError } from '../hub-client-error.ts';

/** The `live` promise of a subscription and what settles it. */
export class LivePromise {
  readonly promise: Promise<void>;
  #settle!: { readonly resolve: () => void; readonly reject: (error: HubClientError) => void };

  constructor() {
    this.promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // an application that does not wait for it learns of the end in another way
    this.promise.catch(() => undefined);
  }

  live(): void {
    this.#settle.resolve();
  }

  /** Without effect after `live`. `null`: the application closed it. */
  end(id: string, error: HubClientError | null): void {
    this.#settle.reject(error ?? new HubClientError('closed', `subscription ${id} was closed`, { retryable: false }));
  }
}

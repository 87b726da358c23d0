import type { ServicesFound } from '../../deploy/services/ensure.mjs';

/** Which servers the tests of the `services` project may use. `required`: a missing one is a failure, not a skip. */
export interface ProvidedServices extends ServicesFound {
  readonly required: boolean;
}

declare module 'vitest' {
  export interface ProvidedContext {
    services: ProvidedServices;
  }
}

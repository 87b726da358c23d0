import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import type { ChaosClient } from './chaos-client.ts';
import type { LogTruth, Said } from './log-truth.ts';

/** What is known when a run is over. */
export interface Evidence {
  readonly clients: readonly ChaosClient[];
  readonly log: LogTruth;
  readonly said: Said;
  readonly documents: readonly CatalogDocument[];
}

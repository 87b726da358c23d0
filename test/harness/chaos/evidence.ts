import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { ChaosClient } from './chaos-client.ts';
import type { LogTruth, Sources } from './log-truth.ts';

/** What is known when a run is over. */
export interface Evidence {
  readonly clients: readonly ChaosClient[];
  readonly log: LogTruth;
  readonly sources: Sources;
  readonly documents: readonly CatalogDocument[];
}

/** What the sources' messages made of entities, by entity and version. */
export type Documents = ReadonlyMap<string, WithoutHead>;

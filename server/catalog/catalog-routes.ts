import { editableKinds } from '../../channels/catalog/entity-edit.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { Route } from '../http/route.ts';
import type { CommandIntake } from '../ingest/command-intake.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { createSeals } from '../delivery/join/seals.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { AssetCommands } from './asset-commands.ts';
import { assetPartRoutes } from './asset-part-routes.ts';
import { AssetBatch } from './batch/asset-batch.ts';
import { batchRoutes } from './batch/batch-routes.ts';
import { assetContracts } from './contracts/asset-contracts.ts';
import { assetBodies } from './contracts/edit-bodies.ts';
import { EntityCommands } from './entities/entity-commands.ts';
import { entityBodies, entityContracts } from './entities/entity-contracts.ts';
import { lineageRoutes } from './lineage/lineage-routes.ts';
import { meRoutes } from './me-routes.ts';
import { listRoutes } from './resources/list-routes.ts';
import type { Resource } from './resources/resource.ts';
import { resourceRoutes } from './resources/resource-routes.ts';
import { SuggestionCommands } from './suggestions/suggestion-commands.ts';
import { suggestionRoutes } from './suggestions/suggestion-routes.ts';
import { viewRoutes } from './views/view-routes.ts';

export interface CatalogRoutesOptions {
  readonly store: DocumentStore & MetaStore;
  readonly log: Pick<EventLog, 'epoch' | 'partitionCount' | 'ends'>;
  readonly journal: EventJournal;
  readonly commands: CommandIntake;
  readonly policy: CurrentPolicy;
  readonly ids: OpaqueIds;
  readonly turns: Turns;
  readonly outlet: Pick<Outlet, 'fetched'>;
  readonly sealer: Sealer;
  readonly lineageTimeMs?: number;
  /** @throws HubError token-expired, token-revoked */
  readonly assertGood: (principal: Principal) => Promise<void>;
}

function resourcesOf(options: CatalogRoutesOptions): readonly Resource[] {
  const assets = { commands: new AssetCommands(options), bodies: assetBodies };
  return [
    { kind: 'asset', contracts: assetContracts, edits: assets },
    { kind: 'alert', contracts: entityContracts('alert') },
    ...editableKinds.map((kind) => ({
      kind,
      contracts: entityContracts(kind),
      edits: { commands: new EntityCommands(kind, options), bodies: entityBodies(kind) },
    })),
  ];
}

/** What people read and change of the catalog: docs/rest.md. */
export function catalogRoutes(options: CatalogRoutesOptions): readonly Route[] {
  const resources = resourcesOf(options);
  const suggestions = new SuggestionCommands(options);
  return [
    ...listRoutes({ ...options, seals: createSeals(options.sealer) }, resources),
    ...resources.flatMap((resource) => resourceRoutes(options, resource)),
    ...assetPartRoutes(options),
    ...lineageRoutes(options),
    ...batchRoutes({ ...options, batch: new AssetBatch(new AssetCommands(options)) }),
    ...suggestionRoutes({ ...options, suggestions }),
    ...meRoutes(options),
    ...viewRoutes(options),
  ];
}

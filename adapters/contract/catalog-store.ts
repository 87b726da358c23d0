import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { registerCommitTests } from './catalog-store-commit.ts';
import { registerFindTests } from './catalog-store-find.ts';
import { registerOutboxTests } from './catalog-store-outbox.ts';
import { registerRevocationTests } from './catalog-store-revocations.ts';
import { registerIntakeTests } from './catalog-store-intake.ts';
import { registerJobTests } from './catalog-store-jobs.ts';
import type { StoreContext } from './store-context.ts';

export interface OpenedStore {
  readonly store: CatalogStore;
  /** Closes and removes everything. */
  readonly dispose: () => Promise<void>;
}

export interface CatalogStoreSuite {
  readonly name: string;
  /** An empty store. */
  readonly create: () => Promise<OpenedStore>;
}

/** What every catalog store must do. */
export function registerCatalogStoreTests({ name, create }: CatalogStoreSuite): void {
  const group = (title: string, register: (context: StoreContext) => void) => {
    describe(`catalog store: ${name}: ${title}`, { timeout: 60_000 }, () => {
      let opened: OpenedStore;
      let serial = 0;
      beforeAll(async () => {
        opened = await create();
      });
      beforeEach(() => {
        serial += 1;
      });
      afterAll(() => opened.dispose());
      register({
        get store() {
          return opened.store;
        },
        get tenant() {
          return `tenant-${serial}`;
        },
      });
    });
  };
  group('commit', registerCommitTests);
  group('outbox', registerOutboxTests);
  group('find', registerFindTests);
  group('intake', registerIntakeTests);
  group('revocations', registerRevocationTests);
  group('jobs', registerJobTests);
}

import type { CatalogStore } from '../../../channels/ports/catalog-store.ts';
import type { Clock } from '../../../channels/ports/clock.ts';
import type { Route } from '../../http/route.ts';
import type { Logger } from '../../observability/logger.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import { type ExportRoutesOptions, exportRoutes } from '../exports/export-routes.ts';
import { ImportResults } from '../imports/import-results.ts';
import { importRoutes } from '../imports/import-routes.ts';
import { ImportUpload, type ImportUploadOptions } from '../imports/import-upload.ts';
import { RowCommands, type RowCommandsOptions } from '../imports/row-commands.ts';
import { jobRoutes } from './job-routes.ts';
import { type JobLimits, Jobs } from './jobs.ts';

export interface BulkRoutesOptions
  extends Omit<ExportRoutesOptions, 'jobs' | 'store' | 'policy'>, Omit<RowCommandsOptions, 'store' | 'policy'> {
  readonly store: Pick<CatalogStore, 'jobs' | 'getMany'> & RowCommandsOptions['store'];
  readonly policy: CurrentPolicy;
  readonly ids: ImportUploadOptions['ids'] & RowCommandsOptions['ids'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly jobLimits: JobLimits;
}

/** Imports, exports, and the jobs that do them: docs/bulk.md. */
export function bulkRoutes({ jobLimits: limits, ...options }: BulkRoutesOptions): readonly Route[] {
  const { store, clock, logger } = options;
  const jobs = new Jobs({ store: store.jobs, clock, limits, logger });
  const rows = new RowCommands(options);
  return [
    ...jobRoutes({ jobs }),
    ...importRoutes({
      ...{ ...options, jobs, upload: new ImportUpload({ ...options, jobs }) },
      results: new ImportResults({ ...options, store: store.jobs, rows }),
    }),
    ...exportRoutes({ ...options, jobs }),
  ];
}

import { createOutlet } from '../../delivery/outlet/outlet.ts';
import { exportStep, type ExportStepOptions } from '../exports/export-step.ts';
import { importStep } from '../imports/import-step.ts';
import { RowCommands, type RowCommandsOptions } from '../imports/row-commands.ts';
import { JobWorker, type JobWorkerOptions } from './job-worker.ts';
import { type JobLimits, Jobs } from './jobs.ts';

export interface BulkWorkerOptions
  extends
    Omit<JobWorkerOptions, 'store' | 'jobs' | 'steps'>,
    Omit<RowCommandsOptions, 'store' | 'outlet' | 'policy'>,
    Omit<ExportStepOptions, 'store'> {
  readonly store: RowCommandsOptions['store'] & { readonly jobs: JobWorkerOptions['store'] };
  readonly policy: RowCommandsOptions['policy'];
  readonly jobLimits: JobLimits;
}

/** What a worker needs to do imports and exports. It shows nobody anything. */
export function createBulkWorker({ jobLimits: limits, ...options }: BulkWorkerOptions): JobWorker {
  const { store, clock, logger } = options;
  const rows = new RowCommands({ ...options, outlet: createOutlet([]) });
  return new JobWorker({
    ...{ ...options, store: store.jobs, jobs: new Jobs({ store: store.jobs, clock, limits, logger }) },
    steps: {
      import: importStep({ ...options, store: store.jobs, rows }),
      export: exportStep(options),
    },
  });
}

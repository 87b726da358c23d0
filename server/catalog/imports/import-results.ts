import type { RowOutcome } from '../../../channels/contract/job-schema.ts';
import type { Job } from '../../../channels/jobs/job.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import { isOpen, type JobSeries, type JobStore } from '../../../channels/ports/job-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { isPlanning } from '../jobs/job-state.ts';
import { outcomesIn, partText } from './import-step.ts';
import { rowsIn } from './import-row.ts';
import type { RowCommands } from './row-commands.ts';

export interface ImportResultsOptions {
  readonly store: JobStore;
  readonly rows: RowCommands;
  readonly turns: Turns;
}

/** @throws HubError job-conflict while rows are still worked on */
export function assertResults(job: Job): void {
  if (job.order.kind !== 'import') throw new HubError('job-conflict', 'id: the job is an export; read its content');
  if (isOpen(job)) throw new HubError('job-conflict', `id: the job is ${job.state}; wait until it is planned or done`);
}

/** What became of the rows, part by part; of a plan what would, as whoever asks would be answered now. */
export class ImportResults {
  readonly #options: ImportResultsOptions;

  constructor(options: ImportResultsOptions) {
    this.#options = options;
  }

  /** Lines with their ends. `asking`: the owner, with the rights that he has now. */
  async *lines(stored: Job, asking: Principal): AsyncGenerator<string[]> {
    const { store } = this.#options;
    const series: JobSeries = isPlanning(stored) ? 'plan' : 'results';
    const job = { ...stored, owner: { ...asking, roles: [...asking.roles] } };
    for (let number = 0; number < job.parts; number++) {
      const text = await partText(store, job, series, number);
      if (text === undefined) return;
      const outcomes = series === 'plan' ? await this.#replanned(job, number, text) : outcomesIn(text);
      yield outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`);
    }
  }

  /** The same plan, with what it would change as it is now; a conflict where it could not be done any more. */
  async #replanned(job: Job, number: number, text: string): Promise<readonly RowOutcome[]> {
    const { store, rows, turns } = this.#options;
    const of = new Map(rowsIn((await partText(store, job, 'rows', number)) ?? '').map((row) => [row.line, row]));
    const outcomes: RowOutcome[] = [];
    for (const outcome of outcomesIn(text)) {
      await turns.next(job.tenant);
      const row = outcome.result === 'update' ? of.get(outcome.line) : undefined;
      outcomes.push(row === undefined ? outcome : await rows.plan(job, row, outcome.etag));
    }
    return outcomes;
  }
}

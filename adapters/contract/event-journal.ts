import { afterEach, beforeEach, describe } from 'vitest';
import { registerEraseTests } from './event-journal-erase.ts';
import { registerModelTests } from './event-journal-model.ts';
import { registerReadTests } from './event-journal-read.ts';
import { registerRetainTests } from './event-journal-retain.ts';
import { registerWriteTests } from './event-journal-write.ts';
import { contextOf, type JournalContext, type OpenedJournal } from './journal-context.ts';

export interface EventJournalSuite {
  readonly name: string;
  /** An empty journal that takes the epoch `sampleEpoch`. */
  readonly create: () => Promise<OpenedJournal>;
  /** What an implementation cannot do: `epochs`: more than one epoch in a store. */
  readonly skip?: readonly 'epochs'[];
  /** Runs of the comparison with a model. */
  readonly runs?: number;
}

/** What every event journal must do. */
export function registerEventJournalTests({ name, create, skip = [], runs = 30 }: EventJournalSuite): void {
  const group = (title: string, register: (context: JournalContext) => void): void => {
    describe(`event journal: ${name}: ${title}`, { timeout: 60_000 }, () => {
      let opened: OpenedJournal;
      beforeEach(async () => {
        opened = await create();
      });
      afterEach(() => opened.dispose());
      register(contextOf(() => opened));
    });
  };
  group('write', (context) => registerWriteTests(context, !skip.includes('epochs')));
  group('read', (context) => registerReadTests(context, !skip.includes('epochs')));
  group('retain', (context) => registerRetainTests(context, !skip.includes('epochs')));
  group('erase', (context) => registerEraseTests(context, !skip.includes('epochs')));
  describe(`event journal: ${name}: model`, { timeout: 120_000 }, () => {
    registerModelTests(create, runs);
  });
}

import { registerEventJournalTests } from '../../adapters/contract/event-journal.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';

registerEventJournalTests({
  name: 'memory',
  runs: 200,
  create: async () => {
    const journal = new MemoryEventJournal();
    const cut = async (): Promise<void> => void (journal.failing = true);
    return { journal, second: journal, cut, dispose: () => journal.close() };
  },
});

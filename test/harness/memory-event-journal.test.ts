import { registerEventJournalTests } from '../../adapters/contract/event-journal.ts';
import { registerLeaseTests } from '../../adapters/contract/leases.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';

const create = async () => {
  const journal = new MemoryEventJournal();
  const cut = async (): Promise<void> => void (journal.failing = true);
  return { journal, leases: journal, second: journal, cut, dispose: () => journal.close() };
};

registerEventJournalTests({ name: 'memory', runs: 200, create });
registerLeaseTests('memory', create);

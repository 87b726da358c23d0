import { recordsOf, textOf } from '../ui/json.ts';
import { dayAndTime } from '../ui/times.ts';
import { Panel, Table } from './panel.tsx';
import { usePolled } from './use-polled.ts';

/** The event log: how far this node is in each partition, and how far its journal goes back. */
export function LogPanel(): React.JSX.Element {
  const log = usePolled('/v1/log');
  const journal = usePolled('/v1/journal');
  const covered = new Map(recordsOf(journal.body?.['partitions']).map((each) => [Number(each['partition']), each]));
  const partitions = recordsOf(log.body?.['partitions']);
  const rows = partitions.map((partition) => {
    const [next, position] = [Number(partition['next']), partition['position']];
    const kept = covered.get(Number(partition['partition']));
    return [
      Number(partition['partition']),
      Number(partition['first']).toLocaleString(),
      next.toLocaleString(),
      typeof position === 'number' ? (next - position).toLocaleString() : 'no gateway here',
      kept === undefined ? '' : Number(kept['lag']).toLocaleString(),
    ];
  });
  const oldest = textOf(journal.body?.['oldestAt']);
  return (
    <Panel title="Log and journal" problem={log.problem ?? journal.problem} isLoading={log.body === undefined}>
      <p className="hint">
        Epoch {textOf(log.body?.['epoch'])}
        {oldest === '' ? '' : `; the journal goes back to ${dayAndTime(oldest)}`}
      </p>
      <Table
        label="Log and journal"
        head={['Partition', 'First', 'Next', 'This node behind', 'Journal behind']}
        rows={rows}
        keys={partitions.map((each) => `${Number(each['partition'])}`)}
        empty="The log has no partitions."
      />
    </Panel>
  );
}

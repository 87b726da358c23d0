import { recordsOf, textOf } from '../ui/json.ts';
import { Panel, Table } from './panel.tsx';
import { usePolled } from './use-polled.ts';

export function ConnectorsPanel(): React.JSX.Element {
  const { body, problem } = usePolled('/v1/connectors');
  const connectors = recordsOf(body?.['connectors']);
  const rows = connectors.map((connector) => {
    const partitions = recordsOf(connector['partitions']);
    const refused = partitions.filter((partition) => partition['refused'] !== null);
    const read = partitions.reduce((sum, partition) => sum + Number(partition['next']), 0);
    return [
      <bdi key="id">{textOf(connector['id'])}</bdi>,
      textOf(connector['topic']) || 'HTTP only',
      partitions.length,
      read.toLocaleString(),
      refused.length === 0 ? 'reading' : `refuses ${refused.length} partitions: the topic was recreated`,
    ];
  });
  return (
    <Panel title="Connectors" problem={problem} isLoading={body === undefined}>
      <Table
        label="Connectors"
        head={['Connector', 'Topic', 'Partitions', 'Messages read', 'State']}
        rows={rows}
        keys={connectors.map(({ id }) => textOf(id))}
        empty="None is configured."
      />
    </Panel>
  );
}

import { type Json, recordsOf, textOf } from '../ui/json.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { dayAndTime } from '../ui/times.ts';
import { Panel, Table } from './panel.tsx';
import { useCommands } from './use-commands.ts';
import { usePolled } from './use-polled.ts';

function countOf(value: Json | undefined): string {
  return Array.isArray(value) ? String(value.length) : typeof value === 'number' ? value.toLocaleString() : '';
}

export function SessionsPanel(): React.JSX.Element {
  const { hub } = useSignedIn();
  const { body, problem, again } = usePolled('/v1/sessions');
  const { said, run } = useCommands(again);
  const sessions = recordsOf(body?.['sessions']);
  const disconnect = (id: string): Promise<void> =>
    run(async () => {
      await hub.post(`/v1/sessions/${encodeURIComponent(id)}/disconnect`);
      return `${id} was disconnected.`;
    });
  const rows = sessions.map((session) => {
    const id = textOf(session['id']);
    return [
      <bdi key="sub">{textOf(session['sub'])}</bdi>,
      <bdi key="client">{textOf(session['client'])}</bdi>,
      textOf(session['node']),
      countOf(session['subscriptions']),
      dayAndTime(textOf(session['connectedAt'])),
      <button key="end" type="button" onClick={() => void disconnect(id)}>
        Disconnect
      </button>,
    ];
  });
  return (
    <Panel title="Sessions" problem={problem} isLoading={body === undefined} said={said}>
      <Table
        label="Sessions"
        head={['Who', 'Client', 'Node', 'Subscriptions', 'Since', 'Action']}
        rows={rows}
        keys={sessions.map(({ id }) => textOf(id))}
        empty="Nobody is connected."
      />
    </Panel>
  );
}

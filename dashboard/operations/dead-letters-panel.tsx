import { recordsOf, textOf } from '../ui/json.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { dayAndTime } from '../ui/times.ts';
import { Panel, Table } from './panel.tsx';
import { useCommands } from './use-commands.ts';
import { usePolled } from './use-polled.ts';

/** Messages that could not be taken in: kept as they came, until somebody retries or discards them. */
export function DeadLettersPanel(): React.JSX.Element {
  const { hub } = useSignedIn();
  const { body, problem, again } = usePolled('/v1/deadletters?limit=100');
  const { said, run } = useCommands(again);
  const letters = recordsOf(body?.['deadLetters']);
  const work = (id: string, action: 'retry' | 'discard'): Promise<void> =>
    run(async () => {
      const { body: done } = await hub.post(`/v1/deadletters/${encodeURIComponent(id)}/${action}`);
      return textOf(done['result']);
    }, `${id}: `);
  const rows = letters.map((letter) => {
    const id = textOf(letter['id']);
    return [
      <time key="at" dateTime={textOf(letter['at'])}>
        {dayAndTime(textOf(letter['at']))}
      </time>,
      <bdi key="connector">{textOf(letter['connector'])}</bdi>,
      textOf(letter['code']),
      <bdi key="message">{textOf(letter['message'])}</bdi>,
      <span key="actions" className="actions">
        <button type="button" onClick={() => void work(id, 'retry')}>
          Retry
        </button>
        <button type="button" onClick={() => void work(id, 'discard')}>
          Discard
        </button>
      </span>,
    ];
  });
  return (
    <Panel title="Dead letters" problem={problem} isLoading={body === undefined} said={said}>
      <Table
        label="Dead letters"
        head={['When', 'Connector', 'Reason', 'What is wrong', 'Actions']}
        rows={rows}
        keys={letters.map(({ id }) => textOf(id))}
        empty="None: everything that arrived was taken in."
      />
    </Panel>
  );
}

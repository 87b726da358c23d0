import type { WireItem } from '@pursight/client';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { assetFields, assetForm, assetResource } from '../edit/asset-resource.ts';
import { Editor } from '../edit/editor.tsx';
import { writable } from '../edit/form-field.ts';
import type { Edit } from '../edit/use-edit.ts';
import { changeWords } from '../feed/change-words.ts';
import type { ChangeLine } from '../feed/feed-event.ts';
import { FeedList } from '../feed/feed-list.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { momentsOf } from '../past/moments.ts';
import { useMe } from '../session/use-me.ts';
import { restorable } from './restorable.ts';

const weekMs = 7 * 86_400_000;

/**
 * What happened to an asset in the last week, newest first, and from now on as it happens. What people have said can be taken back
 * like any edit: where others have said something else since, they are asked about.
 */
export function History({ entity, document }: WireItem): React.JSX.Element {
  const { urn, domain, status } = entity;
  const { write } = useMe();
  const since = useMemo(() => new Date(Date.now() - weekMs).toISOString(), []);
  const { lines, isLive, problem } = useFeed(`asset:${urn}`, since);
  const known = useMemo(() => new Set(momentsOf(lines).map(({ key }) => key)), [lines]);
  const resource = useMemo(() => assetResource(urn), [urn]);
  return (
    <Editor resource={resource} fields={writable(assetFields, write)} live={assetForm({ ...document, domain, status })}>
      {(edit) => (
        <section aria-label="History" aria-busy={!isLive}>
          {problem === undefined ? null : <p role="alert">{problem}</p>}
          {isLive && lines.length === 0 ? <p className="hint">Nothing changed in the last seven days.</p> : null}
          <FeedList
            lines={lines}
            links={false}
            lineAction={(line) => (known.has(line.key) ? <AsItWas {...{ urn, line }} /> : null)}
            action={(line, pointer) => <Restore {...{ edit, line, pointer }} />}
          />
        </section>
      )}
    </Editor>
  );
}

interface AsItWasProps {
  readonly urn: string;
  readonly line: ChangeLine;
}

function AsItWas({ urn, line }: AsItWasProps): React.JSX.Element {
  return (
    <Link to="/assets/$urn" params={{ urn }} search={{ at: line.key }}>
      As it was then
    </Link>
  );
}

interface RestoreProps {
  readonly edit: Edit | undefined;
  readonly line: ChangeLine;
  readonly pointer: string;
}

function Restore({ edit, line, pointer }: RestoreProps): React.JSX.Element | null {
  const { write } = useMe();
  const back = useMemo(() => restorable(line.changes).get(pointer), [line, pointer]);
  const [, change] = line.changes.find(([each]) => each === pointer) ?? [];
  const field = pointer.split('/')[1] ?? '';
  if (edit === undefined || back === undefined || change === undefined || !write.has(field)) return null;
  return (
    <button
      type="button"
      className="quiet"
      aria-label={`Restore what was before: ${changeWords(pointer, change)}`}
      onClick={() => edit.restore(back)}
    >
      Restore
    </button>
  );
}

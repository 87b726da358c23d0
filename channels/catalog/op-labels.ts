import type { Content } from './content.ts';
import { sortedOnce } from '../base/sorted-once.ts';
import type { Op, OpLabels } from '../event/hub-event.ts';
import { normalTag } from '../event/normal-text.ts';
import { stillProtecting } from './curated-facts.ts';
import type { Column } from './document.ts';

const columnPath = /^\/columns\/([^/]*)/;

function columnsOf(content: Content): ReadonlyMap<string, Column> {
  return new Map(content.kind === 'asset' ? content.columns.map((column) => [column.key, column]) : []);
}

function tagsOf(column: Column | undefined): readonly string[] {
  if (column === undefined) return [];
  return sortedOnce([...column.classifications, ...stillProtecting(column.curated?.classifications)].map(normalTag));
}

/** The labels of the op at a path, as {@link Op.labels}; looks at columns only when an op is about one. */
export function columnLabels(before: Content, after: Content): (path: string) => OpLabels | undefined {
  const known = new Map<string, OpLabels>();
  let columns:
    | { readonly before: ReadonlyMap<string, Column>; readonly after: ReadonlyMap<string, Column> }
    | undefined;
  return (path) => {
    const key = columnPath.exec(path)?.[1];
    if (key === undefined) return undefined;
    columns ??= { before: columnsOf(before), after: columnsOf(after) };
    const labels = known.get(key) ?? {
      before: tagsOf(columns.before.get(key)),
      after: tagsOf(columns.after.get(key)),
    };
    known.set(key, labels);
    return labels;
  };
}

/**
 * The ops in few words, for an event that would be too large: which fields changed, without values, and with the labels
 * of all that is behind them. Readers that need more read the document.
 */
export function withoutValues(ops: readonly Op[]): readonly Op[] {
  const fields = new Map<string, OpLabels[]>();
  for (const { path, labels } of ops) {
    const field = path.split('/')[1] ?? '';
    const held = fields.get(field) ?? [];
    if (labels !== undefined) held.push(labels);
    fields.set(field, held);
  }
  return [...fields].map(([field, labels]) => {
    const op = { op: 'replace', path: `/${field}` } as const;
    if (labels.length === 0) return op;
    return {
      ...op,
      labels: {
        before: sortedOnce(labels.flatMap(({ before }) => before)),
        after: sortedOnce(labels.flatMap(({ after }) => after)),
      },
    };
  });
}

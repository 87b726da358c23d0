import type { AnyChange, ChangeLine, FeedLine } from '../feed/feed-event.ts';
import { isRecord, type Json, type JsonRecord, recordOf, recordsOf, textOf } from '../ui/json.ts';

/** An asset as it was, as far as events tell. */
export interface Past {
  readonly document: JsonRecord;
  /** Pointers of what changed since without its values being told. */
  readonly unknown: readonly string[];
}

/** Their elements have opaque keys in events, but for columns, which have theirs. */
const lists = new Set(['owners', 'terms', 'aliases', 'properties', 'quality', 'classifications', 'columns']);

/** What an element is called among others. */
function nameOf(value: Json): string {
  if (!isRecord(value)) return textOf(value);
  const { scheme, name, key, id, check, state } = value;
  // a tag may be there twice, as suggested and as confirmed
  return scheme === undefined ? textOf(key ?? id ?? check) : [scheme, name, state].map(textOf).join('/');
}

function keyOf(value: Json): string {
  return isRecord(value) ? textOf(value['key']) : '';
}

function undoneIn(elements: readonly Json[], [part = '', ...rest]: readonly string[], change: AnyChange): Json {
  const { old, new: now } = change;
  const known = elements.findIndex((each) => keyOf(each) === part);
  const at = known === -1 && now !== undefined ? elements.findIndex((each) => nameOf(each) === nameOf(now)) : known;
  // a column comes and goes with its members
  const next = rest.length === 0 ? old : undone(elements[at] ?? { key: part }, rest, change);
  if (next === undefined) return at === -1 ? [...elements] : elements.toSpliced(at, 1);
  return at === -1 ? [...elements, next] : elements.with(at, next);
}

/** The value before a change of what is at a path in it. */
function undone(value: Json | undefined, path: readonly string[], change: AnyChange): Json | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return change.old;
  if (Array.isArray(value)) return undoneIn(value, path, change);
  const { [part]: held = lists.has(part) && rest.length > 0 ? [] : undefined, ...others } = recordOf(value);
  const next = undone(held, rest, change);
  return next === undefined ? others : { ...others, [part]: next };
}

/** What people say of lists has another form in events than in documents, and is not shown. */
function isShown(path: readonly string[]): boolean {
  const layer = path.indexOf('curated');
  return layer === -1 || path.length === layer + 2;
}

/** Each column has a name while it is there. */
function withoutRests({ columns, ...rest }: JsonRecord): JsonRecord {
  return columns === undefined
    ? rest
    : { ...rest, columns: recordsOf(columns).filter(({ name }) => name !== undefined) };
}

function before({ document, unknown }: Past, { changes }: ChangeLine): Past {
  let result: JsonRecord = document;
  const untold = new Set(unknown);
  for (const [pointer, change] of changes) {
    const path = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (change.old === undefined && change.new === undefined) untold.add(pointer);
    else if (isShown(path)) result = recordOf(undone(result, path, change));
  }
  return { document: withoutRests(result), unknown: [...untold] };
}

/**
 * The asset before some changes of it: each is taken back.
 *
 * @param newer the newest first
 */
export function asOf(now: JsonRecord, newer: readonly ChangeLine[]): Past {
  return newer.reduce(before, { document: now, unknown: [] });
}

/** The changes that one can look back to, the newest first: behind a gap or an appearance nothing is known. */
export function reachable(lines: readonly FeedLine[]): readonly ChangeLine[] {
  const stops: ChangeLine[] = [];
  for (const line of lines) {
    if (line.kind === 'gap' || line.kind === 'leave') break;
    stops.push(line);
    if (line.kind === 'enter') break;
  }
  return stops;
}

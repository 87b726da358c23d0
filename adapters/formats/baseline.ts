import type { Change } from '../../channels/catalog/change.ts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { ConnectorProfile } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { exportChanges, type ExportContext, isAtlasExport } from './atlas/export.ts';
import { createAncestors } from './atlas/super-types.ts';
import { changeBase } from './change-base.ts';
import { readAssetPatch } from './cloudevents/asset-patch.ts';
import { invalid } from './faults.ts';
import { asName, member, optional } from './fields.ts';
import { messageIdOf } from './message-id.ts';
import { parseJson } from './parse-json.ts';
import { scanJson } from './scan-json.ts';
import { type TextLine, textLines } from './text-lines.ts';
import { asTime, systemClock, transportTime } from './time.ts';
import { ownUrn } from './urn.ts';

export interface BaselineOptions {
  /** Time of entries that carry none. @default the system clock */
  readonly clock?: Clock;
  /** Direct super-types of each classification type, of an export of Atlas. @default none */
  readonly superTypes?: Readonly<Record<string, readonly string[]>>;
  /** `system` of the origin of each change. @default 'import' */
  readonly system?: string;
  /** Changes in one batch. @default 1000 */
  readonly batchSize?: number;
  /** Characters of one line, and of a document of many lines. @default 128 Mi */
  readonly maxLength?: number;
}

interface Settings {
  readonly context: ExportContext;
  readonly batchSize: number;
  readonly maxLength: number;
}

/** One asset in the public form, with `urn` or `id`, and a `time` if it has one. */
function assetChange(asset: JsonObject, { profile, origin, time: now }: ExportContext): Change {
  const { urn: _urn, id: _id, time: _time, ...rest } = asset;
  const field = member(asset, 'urn', '').value === undefined ? member(asset, 'id', '') : member(asset, 'urn', '');
  if (field.value === undefined) throw invalid('urn', 'or id is required, or the members of an Atlas export');
  const nativeId = asName(field);
  const time = optional(member(asset, 'time', ''), asTime) ?? now;
  const messageId = messageIdOf(['import', time, canonicalJson(asset)]);
  const base = changeBase(
    { profile, origin, messageId, time, completeness: 'state', replay: true },
    { urn: ownUrn(profile, nativeId, field.path), nativeId },
  );
  return { ...base, target: 'asset', action: 'upsert', patch: readAssetPatch(rest, 'asset', profile) };
}

function* valueChanges(value: JsonValue, context: ExportContext): Generator<Change> {
  if (Array.isArray(value)) {
    for (const item of value) yield* valueChanges(item, context);
  } else if (!isJsonObject(value)) {
    throw invalid('each entry', 'must be an object');
  } else if (isAtlasExport(value)) {
    yield* exportChanges(value, '', context);
  } else {
    yield assetChange(value, context);
  }
}

/** Says where in the file. What is not a HubError is a bug, and is passed on as it is. */
function atLine(number: number, thrown: unknown): unknown {
  return thrown instanceof HubError
    ? new HubError('invalid-message', `line ${number}: ${thrown.message}`, { cause: thrown })
    : thrown;
}

function parseLine({ number, text }: TextLine): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw atLine(number, error);
  }
}

/**
 * A file is either one JSON value a line, or one JSON value over many lines. The first line tells: it is either
 * complete or leaves brackets open.
 */
async function* documents(
  chunks: AsyncIterable<string>,
  maxLength: number,
): AsyncGenerator<{ readonly number: number; readonly value: JsonValue }> {
  let open: { readonly number: number; readonly texts: string[]; length: number } | undefined;
  let first = true;
  for await (const line of textLines(chunks, maxLength)) {
    if (first && scanJson(line.text, () => {}) > 0) open = { number: line.number, texts: [], length: 0 };
    first = false;
    if (open === undefined) {
      yield { number: line.number, value: parseLine(line) };
      continue;
    }
    open.length += line.text.length;
    if (open.length > maxLength)
      throw invalid(`line ${open.number}:`, `the document that starts here must have at most ${maxLength} characters`);
    open.texts.push(line.text);
  }
  if (open !== undefined)
    yield { number: open.number, value: parseLine({ number: open.number, text: open.texts.join('\n') }) };
}

async function* batches(
  chunks: AsyncIterable<string>,
  { context, batchSize, maxLength }: Settings,
): AsyncGenerator<Change[]> {
  let batch: Change[] = [];
  for await (const { number, value } of documents(chunks, maxLength)) {
    const changes = valueChanges(value, context);
    for (;;) {
      const next = step(changes, number);
      if (next === undefined) break;
      batch.push(next);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function step(changes: Iterator<Change>, number: number): Change | undefined {
  try {
    const next = changes.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    throw atLine(number, error);
  }
}

/**
 * A whole catalog as a file: assets in the public form, one a line, or an export of Apache Atlas or Microsoft Purview.
 * Batches come in the order of the file and are never empty; those before a fault have been given out.
 * @throws HubError invalid-message, naming the line
 */
export function readBaseline(
  chunks: AsyncIterable<string>,
  profile: ConnectorProfile,
  options: BaselineOptions = {},
): AsyncIterable<Change[]> {
  const clock = options.clock ?? systemClock;
  const context: ExportContext = {
    profile,
    origin: { system: options.system ?? 'import', transport: 'import' },
    ancestors: createAncestors(options.superTypes ?? {}),
    time: transportTime(clock.now()),
  };
  return batches(chunks, {
    context,
    batchSize: options.batchSize ?? 1000,
    maxLength: options.maxLength ?? 128 * 1024 * 1024,
  });
}

import type { Check } from '../../channels/ports/check.ts';
import { readableCompressions } from './codecs.ts';

/** A broker may compress what producers send, in a way that this hub has never heard of. */
export function* compressionCheck(name: string, topic: string, config: ReadonlyMap<string, string>): Generator<Check> {
  const type = config.get('compression.type') ?? 'producer';
  if (readableCompressions.has(type)) return;
  const fix = `set compression.type of ${topic} to producer, or one of ${[...readableCompressions].join(', ')}`;
  yield { name, state: 'fail', found: `compression.type of ${topic} is ${type}, which this hub cannot read`, fix };
}

/** From a log that is shorter than the journal, a journal that was lost cannot be rebuilt. */
export function* retentionCheck(
  name: string,
  topic: string,
  { config, journalRetentionMs }: { readonly config: ReadonlyMap<string, string>; readonly journalRetentionMs: number },
): Generator<Check> {
  const retentionMs = Number(config.get('retention.ms') ?? '-1');
  const bytes = Number(config.get('retention.bytes') ?? '-1');
  const isShort = retentionMs >= 0 && retentionMs < journalRetentionMs;
  if (!isShort && bytes < 0) return;
  const found = isShort
    ? `retention.ms of ${topic} is ${retentionMs}, less than PURSIGHT_JOURNAL_RETENTION_MS (${journalRetentionMs})`
    : `retention.bytes of ${topic} is ${bytes}: a burst may remove events before they are in the journal`;
  const fix = `set retention.ms of ${topic} to ${journalRetentionMs} or more, or to -1, and retention.bytes to -1`;
  yield { name, state: 'warn', found, fix };
}

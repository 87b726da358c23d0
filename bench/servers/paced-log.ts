import type { EventLog, LogRecord, TailOptions } from '../../channels/ports/event-log.ts';

/**
 * A log that is read in portions: `portion` records, then a pause until `gate` resolves. Everything else, reading the
 * records from the store included, is the wrapped log.
 */
export function pacedLog(log: EventLog, portion: number, gate: (delivered: number) => Promise<void>): EventLog {
  let delivered = 0;
  const inPortions = async (partition: number, records: readonly LogRecord[], options: TailOptions): Promise<void> => {
    for (let start = 0; start < records.length; start += portion) {
      await gate(delivered);
      // as a gateway of a cluster gets them, which has not just appended them itself
      const some = records.slice(start, start + portion).map(({ event: _event, ...record }) => record);
      delivered += some.length;
      await options.onRecords(partition, some);
    }
  };
  return {
    epoch: log.epoch,
    partitionCount: log.partitionCount,
    topic: log.topic,
    beginEpoch: (options) => log.beginEpoch(options),
    append: (events) => log.append(events),
    ends: () => log.ends(),
    starts: () => log.starts(),
    offsetsAt: (timeMs) => log.offsetsAt(timeMs),
    tail: (options) =>
      log.tail({ ...options, onRecords: (partition, records) => inPortions(partition, records, options) }),
    close: () => log.close(),
  };
}

import type { LogRecord } from '../../channels/ports/event-log.ts';

/** Of one partition: as many as a tail that keeps up may not have read yet. */
const maxRecords = 1024;
const maxLength = 2 * 1024 * 1024;

/** The records of one partition that were appended last, so that tails need not read and inflate what was just written. */
export class RecentRecords {
  #records: LogRecord[] = [];
  #length = 0;

  /** `records`: consecutive. What they do not follow is forgotten. */
  add(records: readonly LogRecord[]): void {
    const last = this.#records.at(-1);
    if (last !== undefined && records[0]?.offset !== last.offset + 1) this.#forget(this.#records.length);
    for (const record of records) {
      this.#records.push(record);
      this.#length += record.value.length;
    }
    let over = Math.max(0, this.#records.length - maxRecords);
    for (let length = this.#length - this.#lengthOf(over); length > maxLength; over++)
      length -= this.#records[over]?.value.length ?? length;
    // in large steps: moving the rest costs as much as the rest is long
    if (over > maxRecords / 4 || this.#length > 2 * maxLength) this.#forget(over);
  }

  /** From an offset on; undefined where it is not among them. */
  from(offset: number, count: number): readonly LogRecord[] | undefined {
    const index = offset - (this.#records[0]?.offset ?? Number.POSITIVE_INFINITY);
    return index < 0 || index >= this.#records.length ? undefined : this.#records.slice(index, index + count);
  }

  #lengthOf(count: number): number {
    return this.#records.slice(0, count).reduce((sum, { value }) => sum + value.length, 0);
  }

  #forget(count: number): void {
    this.#length -= this.#lengthOf(count);
    this.#records = this.#records.slice(count);
  }
}

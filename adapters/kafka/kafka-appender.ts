import { eventText } from '../../channels/event/event-text.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { type AppendResult, partitionOf } from '../../channels/ports/event-log.ts';
import { CautiousSender, type CautiousSenderOptions, type Entry } from './cautious-sender.ts';

export interface KafkaAppenderOptions extends CautiousSenderOptions {
  readonly partitionCount: number;
}

interface Job {
  readonly events: readonly HubEvent[];
  readonly resolve: (results: readonly AppendResult[]) => void;
}

/**
 * Puts calls in a row: one request is in progress at a time, so that no later event of an entity overtakes one that was
 * refused. Calls that come meanwhile go together in the next.
 */
export class KafkaAppender {
  readonly #sender: CautiousSender;
  readonly #partitionCount: number;
  #waiting: Job[] = [];
  #draining: Promise<void> | undefined;

  constructor({ partitionCount, ...options }: KafkaAppenderOptions) {
    this.#sender = new CautiousSender(options);
    this.#partitionCount = partitionCount;
  }

  /** One result per event, in order. Never rejects. */
  append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve) => {
      this.#waiting.push({ events, resolve });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing is in progress. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // Lets the calls of this turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting.splice(0);
      const entries = jobs.flatMap(({ events }) => events).map((event, index) => this.#entryOf(event, index));
      const results = await this.#sender.send(entries);
      let taken = 0;
      for (const { events, resolve } of jobs) resolve(results.slice(taken, (taken += events.length)));
    }
    this.#draining = undefined;
  }

  #entryOf(event: HubEvent, index: number): Entry {
    const value = eventText(event);
    const partition = partitionOf(event.tenant, event.subject, this.#partitionCount);
    const entity = `${event.tenant}|${event.subject}`;
    const headers = { 'content-type': 'application/cloudevents+json' };
    const message = { key: entity, value, partition, headers };
    return { index, partition, entity, message, bytes: Buffer.byteLength(value) + entity.length + 100 };
  }
}

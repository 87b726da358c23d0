import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { NoticeMessage } from '../../channels/protocol/down.ts';
import { packetText } from '../transport/packet.ts';
import type { DependencyState, Health } from '../observability/health.ts';
import { every, type Loop } from '../turns/every.ts';

type Dependency = keyof Health['dependencies'];

const notices: Readonly<Record<Dependency, Readonly<Record<DependencyState, NoticeMessage>>>> = {
  log: {
    down: { code: 'stale', message: 'the log cannot be read; events are delayed, none is skipped' },
    up: { code: 'fresh', message: 'the log can be read again' },
  },
  catalog: {
    down: {
      code: 'degraded',
      dependency: 'catalog',
      message: 'the catalog cannot be read; events continue, loading views and long resumes wait',
    },
    up: { code: 'restored', dependency: 'catalog', message: 'the catalog can be read again' },
  },
  controlBus: {
    down: {
      code: 'degraded',
      dependency: 'controlBus',
      message: 'this node does not reach the other nodes; events continue, sessions of other nodes are not listed',
    },
    up: { code: 'restored', dependency: 'controlBus', message: 'this node reaches the other nodes again' },
  },
  search: {
    down: {
      code: 'degraded',
      dependency: 'search',
      message:
        'the search index cannot be reached; hits of live searches change and leave, none comes from beyond the list',
    },
    up: { code: 'restored', dependency: 'search', message: 'the search index can be reached again' },
  },
};

/** Shorter outages are not reported. The state of the log is reported by its reader. */
const tellAfterMs = 5000;
const lookEveryMs = 1000;

export interface OutageNoticesOptions {
  /** What the node reaches now. */
  readonly look: () => Promise<Health['dependencies']>;
  readonly publishAll: (packet: string) => void;
  readonly stopwatch: Stopwatch;
}

/** Notifies every session of this node when a dependency of the node is down for long, and when it has recovered. */
export class OutageNotices {
  readonly #options: OutageNoticesOptions;
  readonly #downSinceMs = new Map<Dependency, number>();
  readonly #told = new Set<Dependency>();
  #loop: Loop | undefined;

  constructor(options: OutageNoticesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = every(lookEveryMs, () => this.#look());
  }

  /** Resolves when no notice is pending. */
  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** Notices for a new session: it missed those sent before. */
  get current(): readonly NoticeMessage[] {
    return [...this.#told].map((dependency) => notices[dependency].down);
  }

  tell(dependency: Dependency, state: DependencyState): void {
    if (this.#told.has(dependency) === (state === 'down')) return;
    if (state === 'down') this.#told.add(dependency);
    else this.#told.delete(dependency);
    this.#options.publishAll(packetText('notice', notices[dependency][state]));
  }

  async #look(): Promise<void> {
    const { catalog, controlBus, search } = await this.#options.look();
    this.#note('catalog', catalog);
    this.#note('controlBus', controlBus);
    // one that is built is there, and searches say themselves that they have to wait
    this.#note('search', search === 'down' ? 'down' : 'up');
  }

  #note(dependency: Dependency, state: DependencyState): void {
    if (state === 'up') {
      this.#downSinceMs.delete(dependency);
      this.tell(dependency, state);
      return;
    }
    const now = this.#options.stopwatch.elapsedMs();
    const sinceMs = this.#downSinceMs.get(dependency) ?? now;
    this.#downSinceMs.set(dependency, sinceMs);
    if (now - sinceMs >= tellAfterMs) this.tell(dependency, state);
  }
}

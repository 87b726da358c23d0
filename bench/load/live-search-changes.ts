import type { SearchQuery } from '../../channels/protocol/search.ts';
import type { ChangeKind, LiveSearchClients } from './live-search-clients.ts';
import { benchAsset, rareWord } from './search-assets.ts';

export interface ChangesOptions {
  readonly clients: LiveSearchClients;
  readonly queries: readonly SearchQuery[];
  readonly assets: number;
  /** Changes a second. */
  readonly rate: number;
  /** Sends one CloudEvent. */
  readonly post: (event: object) => Promise<void>;
}

/** Numbers that look random, and are the same in each run. */
let seed = 7;
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

/** Sends changes: six of ten concern no screen, three a hit on one, and one brings a document into a result or takes it out. */
export class Changes {
  readonly #options: ChangesOptions;
  /** Documents that were brought into a result. */
  readonly #inside: number[] = [];
  readonly #failures: Error[] = [];
  #seq = 0;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  async send(seconds: number): Promise<void> {
    const startedMs = performance.now();
    const sending: Promise<void>[] = [];
    for (let sent = 0; sent < seconds * this.#options.rate; sent++) {
      const waitMs = startedMs + (sent * 1000) / this.#options.rate - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      sending.push(this.#one().catch((error: Error) => void this.#failures.push(error)));
    }
    await Promise.all(sending);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #one(): Promise<void> {
    this.#seq += 1;
    const kind = this.#seq % 10;
    if (kind < 6)
      return this.#post(this.#elsewhere(), 'gov.owner.changed', { owners: [{ id: `u${this.#seq}`, type: 'user' }] });
    if (kind < 9) return this.#update();
    return this.#inside.length > 20 || (this.#inside.length > 0 && random(2) === 0) ? this.#leave() : this.#enter();
  }

  #update(): Promise<void> {
    const shown = this.#options.clients.screens.filter(({ urns }) => urns.length > 0);
    const { urns } = shown[random(shown.length)] ?? { urns: [] };
    return this.#post(
      urns[random(urns.length)] ?? '',
      'gov.owner.changed',
      { owners: [{ id: `u${this.#seq}`, type: 'user' }] },
      'update',
    );
  }

  /** Into a result that has room on the screen. */
  #enter(): Promise<void> {
    const open = this.#options.clients.screens.flatMap(({ urns }, index) =>
      urns.length < 15 && index % 10 >= 5 && index % 10 < 8 ? [index] : [],
    );
    const { q = '' } = this.#options.queries[open[random(open.length)] ?? 0] ?? {};
    const number = Number(this.#elsewhere().split(':').at(-1));
    this.#inside.push(number);
    return this.#describe(number, ` ${q}`, 'enter');
  }

  #leave(): Promise<void> {
    return this.#describe(this.#inside.shift() ?? 0, '', 'leave');
  }

  #describe(number: number, more: string, kind: ChangeKind): Promise<void> {
    const description = `${benchAsset(number).description ?? ''} ${rareWord(this.#seq, 0)}${more}`;
    return this.#post(`urn:gov:bench:${number}`, 'gov.documentation.changed', { description }, kind);
  }

  /** A document on no screen. */
  #elsewhere(): string {
    for (;;) {
      const number = random(this.#options.assets);
      const urn = `urn:gov:bench:${number}`;
      if (!this.#inside.includes(number) && !this.#options.clients.screens.some(({ urns }) => urns.includes(urn)))
        return urn;
    }
  }

  async #post(subject: string, type: string, data: object, kind?: ChangeKind): Promise<void> {
    const event = {
      specversion: '1.0',
      id: `b${this.#seq}`,
      source: '/bench',
      type,
      subject,
      data,
      time: new Date().toISOString(),
    };
    if (kind !== undefined) this.#options.clients.note(subject, kind, this.#seq);
    await this.#options.post(event);
  }
}

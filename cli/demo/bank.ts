import type { JsonValue } from '../../channels/event/json.ts';
import {
  atlasTables,
  atlasTags,
  checkPlans,
  descriptions,
  people,
  type TablePlan,
  tablePlans,
} from './bank-vocabulary.ts';
import { atlasNotification, cloudEvent, type CloudEventParts, type FeedItem } from './feed-message.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What the feed has told of a table so far. */
interface Table {
  readonly plan: TablePlan;
  readonly subject: string;
  owner: string;
  /** Columns whose tag was suggested or confirmed. */
  readonly tagged: Set<string>;
  isDeprecated: boolean;
  hasIncident: boolean;
}

interface AtlasTable {
  readonly guid: string;
  readonly table: string;
  readonly owner: string;
  tags: readonly string[];
}

interface FollowUp {
  readonly atStep: number;
  readonly tell: () => FeedItem;
}

const usualPauseMs = 900;
const maxTables = 18;
const maxIncidents = 3;

/**
 * The catalog of an invented bank, told as native messages. Each call of `next` tells one thing; what people do about
 * it (confirm a tag, resolve an incident, take over a table) follows some steps later.
 */
export class Bank {
  readonly #random: SeededRandom;
  readonly #tables: Table[] = [];
  readonly #atlas: AtlasTable[] = [];
  #followUps: FollowUp[] = [];
  #step = 0;
  #opened = 0;
  #created = 0;
  #number = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  next(): FeedItem {
    this.#step++;
    const due = this.#followUps.find(({ atStep }) => atStep <= this.#step);
    if (due !== undefined) {
      this.#followUps = this.#followUps.filter((each) => each !== due);
      return due.tell();
    }
    return this.#opening() ?? this.#episode();
  }

  /** Enough for everything to be seen once in the first half minute. */
  #opening(): FeedItem | undefined {
    const opening = [
      () => this.#tableAppears(),
      () => this.#tableAppears(),
      () => this.#columnIsScanned(),
      () => this.#tableAppears(),
      () => this.#lineageAppears(),
      () => this.#checkFails(),
      () => this.#atlasTableAppears(),
      () => this.#columnIsScanned(),
      () => this.#tableAppears(),
      () => this.#ownerLeaves(),
      () => this.#atlasTagChanges(),
      () => this.#columnIsScanned(),
      () => this.#tableAppears(),
    ];
    return opening[this.#opened++]?.();
  }

  #episode(): FeedItem {
    const episodes = [
      () => this.#tableAppears(),
      () => this.#tableAppears(),
      () => this.#columnIsScanned(),
      () => this.#columnIsScanned(),
      () => this.#checkFails(),
      () => this.#atlasTableAppears(),
      () => this.#atlasTagChanges(),
      () => this.#lineageAppears(),
      () => this.#ownerLeaves(),
      () => this.#tableIsDeprecated(),
      () => this.#isDescribed(),
      () => this.#columnIsAdded(),
    ];
    for (;;) {
      const told = this.#random.pick(episodes)?.();
      if (told !== undefined) return told;
    }
  }

  #tell(parts: CloudEventParts): FeedItem {
    this.#number++;
    return {
      connector: 'events',
      message: cloudEvent(this.#number, parts),
      pauseMs: usualPauseMs * (0.5 + this.#random.next()),
    };
  }

  #later(steps: number, tell: () => FeedItem): void {
    this.#followUps.push({ atStep: this.#step + steps, tell });
  }

  #active(): readonly Table[] {
    return this.#tables.filter((table) => !table.isDeprecated);
  }

  #person(except?: string): string {
    return this.#random.pick(people.filter((each) => each !== except)) ?? people[0];
  }

  #tableAppears(): FeedItem | undefined {
    if (this.#tables.length >= maxTables) return undefined;
    const plan = tablePlans[this.#created % tablePlans.length];
    if (plan === undefined) return undefined;
    const round = Math.floor(this.#created / tablePlans.length);
    this.#created++;
    const name = round === 0 ? plan.name : `${plan.name}_v${round + 1}`;
    const owner = this.#created === 1 ? people[0] : this.#person();
    const subject = `${plan.schema}/${name}`;
    this.#tables.push({ plan, subject, owner, tagged: new Set(), isDeprecated: false, hasIncident: false });
    const columns = plan.columns.map((column) => ({ name: column.name, type: column.type }));
    const asset = {
      type: 'table',
      name,
      fqn: `${plan.schema}.${name}`,
      platform: plan.platform,
      domain: plan.domain,
      owners: [owner],
      columns,
    };
    return this.#tell({ type: 'asset.created', subject, actor: owner, data: { asset } });
  }

  /** A scanner suggests a tag, and the owner confirms it a little later. */
  #columnIsScanned(): FeedItem | undefined {
    const found = this.#active().flatMap((table) =>
      table.plan.columns.flatMap((column) =>
        column.tag === undefined || table.tagged.has(column.name) ? [] : [{ table, column, tag: column.tag }],
      ),
    );
    const hit = this.#random.pick(found);
    if (hit === undefined) return undefined;
    const { table, column, tag } = hit;
    table.tagged.add(column.name);
    const [scheme = '', name = ''] = tag.split('/');
    const say = (actor: string, state: string, origin: string): FeedItem =>
      this.#tell({
        type: 'classification.changed',
        subject: table.subject,
        actor,
        data: { column: column.name, classifications: { add: [{ scheme, name, state, origin }] } },
      });
    this.#later(2 + this.#random.below(3), () => say(table.owner, 'confirmed', 'manual'));
    return say('scanner', 'suggested', 'automated');
  }

  /** A check fails, an incident opens, somebody takes it on and resolves it, and the check passes. */
  #checkFails(): FeedItem | undefined {
    const table = this.#random.pick(this.#active().filter((each) => !each.hasIncident));
    const plan = this.#random.pick(checkPlans);
    if (
      table === undefined ||
      plan === undefined ||
      this.#tables.filter((each) => each.hasIncident).length >= maxIncidents
    )
      return undefined;
    table.hasIncident = true;
    const subject = `incident/${this.#step}`;
    const assignee = this.#person();
    const say = (status: string, actor: string, extra: { readonly [key: string]: JsonValue } = {}): FeedItem =>
      this.#tell({
        type: 'incident.changed',
        subject,
        actor,
        data: {
          subject: table.subject,
          name: plan.incident,
          status,
          severity: plan.severity,
          message: plan.message,
          ...extra,
        },
      });
    const quality = (status: string, message: string): FeedItem =>
      this.#tell({
        type: 'quality.result',
        subject: table.subject,
        actor: 'quality-runner',
        data: { check: plan.check, status, message },
      });
    this.#later(1, () => say('open', 'quality-runner'));
    this.#later(4 + this.#random.below(3), () => say('assigned', assignee, { assignees: [assignee] }));
    this.#later(14 + this.#random.below(12), () =>
      say('resolved', assignee, { assignees: [assignee], reason: 'loaded again' }),
    );
    this.#later(27, () => {
      table.hasIncident = false;
      return quality('passed', 'back to normal');
    });
    return quality('failed', plan.message);
  }

  /** Somebody leaves: each table loses its owner, and gets a new one later. */
  #ownerLeaves(): FeedItem | undefined {
    const leaver = this.#random.pick(this.#active())?.owner;
    const owned = this.#active()
      .filter((table) => table.owner === leaver)
      .slice(0, 3);
    if (leaver === undefined || owned.length === 0) return undefined;
    const told = owned.map((table) => (): FeedItem => {
      const heir = this.#person(leaver);
      this.#later(5, () =>
        this.#tell({
          type: 'owner.changed',
          subject: table.subject,
          actor: 'hr-sync',
          data: { owners: { add: [heir] } },
        }),
      );
      table.owner = heir;
      return this.#tell({
        type: 'owner.changed',
        subject: table.subject,
        actor: 'hr-sync',
        data: { owners: { remove: [leaver] } },
      });
    });
    told.slice(1).forEach((tell, index) => this.#later(index + 1, tell));
    return told[0]?.();
  }

  #tableIsDeprecated(): FeedItem | undefined {
    const candidates = this.#active().filter((each) => !each.hasIncident && each.subject !== lineageRoot);
    const table = candidates.length > 6 ? this.#random.pick(candidates) : undefined;
    if (table === undefined) return undefined;
    table.isDeprecated = true;
    this.#later(12, () => {
      this.#tables.splice(this.#tables.indexOf(table), 1);
      return this.#tell({ type: 'asset.deleted', subject: table.subject, actor: table.owner });
    });
    return this.#tell({
      type: 'deprecation.changed',
      subject: table.subject,
      actor: table.owner,
      data: { deprecated: true },
    });
  }

  #lineageAppears(): FeedItem | undefined {
    const target = this.#random.pick(this.#active().filter((each) => each.subject !== lineageRoot));
    if (target === undefined) return undefined;
    return this.#tell({
      type: 'lineage.observed',
      subject: lineageRoot,
      actor: 'airflow',
      data: {
        from: lineageRoot,
        to: target.subject,
        properties: { job: `nightly_${target.plan.schema}_${this.#step}` },
      },
    });
  }

  #isDescribed(): FeedItem | undefined {
    const table = this.#random.pick(this.#active());
    const description = this.#random.pick(descriptions);
    if (table === undefined || description === undefined) return undefined;
    return this.#tell({
      type: 'documentation.changed',
      subject: table.subject,
      actor: table.owner,
      data: { description: `${description} (rev. ${this.#step})` },
    });
  }

  #columnIsAdded(): FeedItem | undefined {
    const table = this.#random.pick(this.#active());
    if (table === undefined) return undefined;
    return this.#tell({
      type: 'schema.changed',
      subject: table.subject,
      actor: table.owner,
      data: { columns: { add: [{ name: `attribute_${this.#step}`, type: 'string' }] } },
    });
  }

  #tellAtlas(table: AtlasTable, operation: 'ENTITY_CREATE' | 'CLASSIFICATION_ADD' | 'CLASSIFICATION_DELETE'): FeedItem {
    return { connector: 'atlas', message: atlasNotification({ operation, ...table }), pauseMs: usualPauseMs };
  }

  #atlasTableAppears(): FeedItem | undefined {
    const name = atlasTables[this.#atlas.length];
    if (name === undefined) return undefined;
    const table = {
      guid: `7d4b2c10-52aa-4f0e-9b6e-${String(this.#atlas.length + 1).padStart(12, '0')}`,
      table: name,
      owner: this.#person(),
      tags: [],
    };
    this.#atlas.push(table);
    return this.#tellAtlas(table, 'ENTITY_CREATE');
  }

  #atlasTagChanges(): FeedItem | undefined {
    const table = this.#random.pick(this.#atlas);
    const tag = this.#random.pick(atlasTags);
    if (table === undefined || tag === undefined) return undefined;
    const had = table.tags.includes(tag);
    table.tags = had ? table.tags.filter((each) => each !== tag) : [...table.tags, tag];
    return this.#tellAtlas(table, had ? 'CLASSIFICATION_DELETE' : 'CLASSIFICATION_ADD');
  }
}

/** The table that lineage starts from; never deprecated, so that its lineage can be watched. */
export const lineageRoot = 'crm/customers';

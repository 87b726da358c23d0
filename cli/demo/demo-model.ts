import type { JsonObject, JsonValue } from '../../client-sdk/index.ts';
import { isJsonObject } from '../../channels/event/json.ts';
import { type DemoEvent, describeEvent, type KnownEntity, labelOf, labelOfUrn } from './describe-event.ts';

/** What became of an event in the view of somebody with fewer rights. `lost`: the entity went out of that view. */
export type ViewerFate = 'hidden' | 'seen' | 'lost';

export interface LiveLine {
  readonly id: string;
  readonly time: string;
  readonly text: string;
  readonly tone: 'plain' | 'pii' | 'alert';
  viewer: ViewerFate;
}

interface Asset extends KnownEntity {
  readonly tags: readonly string[];
}

export interface Incident {
  readonly name: string;
  readonly about: string;
  readonly severity: number;
  readonly status: string;
  readonly assignees: readonly string[];
}

/** What the demo searches for, with a typo on purpose. */
export const searchedWords = 'custoemr';

/** The live search of one of the two. */
export interface Found {
  readonly names: readonly string[];
  readonly total: number;
}

const nothingFound: Found = { names: [], total: 0 };
const keptLines = 300;

/** Everything that the demo shows, made of nothing but what the subscriptions and searches of the two deliver. */
export class DemoModel {
  readonly lines: LiveLine[] = [];
  readonly #byId = new Map<string, LiveLine>();
  readonly #assets = new Map<string, Asset>();
  readonly #incidents = new Map<string, Incident>();
  readonly #viewerAssets = new Set<string>();
  readonly #viewerIds = new Map<string, ViewerFate>();
  stewardEvents = 0;
  viewerEvents = 0;
  stewardFound = nothingFound;
  viewerFound = nothingFound;

  get assetCount(): number {
    return this.#assets.size;
  }

  get viewerAssetCount(): number {
    return this.#viewerAssets.size;
  }

  /** Told to the steward only. A viewer's event may be on its way, so this is right once nothing is in progress. */
  get hiddenEvents(): number {
    return Math.max(0, this.stewardEvents - this.viewerEvents);
  }

  get piiAssets(): readonly { readonly label: string; readonly tags: readonly string[] }[] {
    const pii = [...this.#assets.values()].map(({ label, tags }) => ({
      label,
      tags: tags.filter((tag) => tag.startsWith('pii/')),
    }));
    return pii.filter(({ tags }) => tags.length > 0).toSorted((a, b) => a.label.localeCompare(b.label));
  }

  get openIncidents(): readonly Incident[] {
    return [...this.#incidents.values()]
      .filter(({ status }) => status !== 'resolved')
      .toSorted((a, b) => b.severity - a.severity);
  }

  steward(event: DemoEvent): void {
    this.stewardEvents++;
    const known = this.#learn(event);
    const tone = this.#toneOf(event);
    const viewer = this.#viewerIds.get(event.id) ?? 'hidden';
    this.#viewerIds.delete(event.id);
    const line: LiveLine = {
      id: event.id,
      time: clockTime(event.recordedtime),
      text: describeEvent(event, known),
      tone,
      viewer,
    };
    this.lines.push(line);
    this.#byId.set(event.id, line);
    if (this.lines.length > keptLines) this.#byId.delete(this.lines.shift()?.id ?? '');
  }

  /** The same event has the same id for everybody. */
  viewer(event: DemoEvent): void {
    this.viewerEvents++;
    const lost = event.kind === 'leave' && event.reason === 'left';
    if (event.kind === 'leave') this.#viewerAssets.delete(event.subject);
    else if (event.entity.kind === 'asset') this.#viewerAssets.add(event.subject);
    const fate = lost ? 'lost' : 'seen';
    const line = this.#byId.get(event.id);
    if (line === undefined) this.#viewerIds.set(event.id, fate);
    else line.viewer = fate;
  }

  #learn(event: DemoEvent): KnownEntity {
    const before = this.#assets.get(event.subject);
    if (event.kind === 'leave') {
      this.#assets.delete(event.subject);
      this.#incidents.delete(event.subject);
      return before ?? { label: labelOfUrn(event.subject), columns: new Map() };
    }
    const { kind, tags } = event.entity;
    const known = { label: labelOf(event.entity), columns: columnsAfter(event, before), tags };
    if (kind === 'asset') this.#assets.set(event.subject, known);
    if (kind === 'alert') this.#incidents.set(event.subject, incidentOf(event, this.#incidents.get(event.subject)));
    return known;
  }

  #toneOf(event: DemoEvent): LiveLine['tone'] {
    if (event.kind === 'leave') return 'plain';
    if (event.entity.kind === 'alert' || event.type?.startsWith('gov.quality') === true) return 'alert';
    return event.type?.startsWith('gov.classification') === true ? 'pii' : 'plain';
  }
}

function clockTime(recorded: string): string {
  return new Date(recorded).toTimeString().slice(0, 8);
}

function columnsAfter(
  event: Exclude<DemoEvent, { readonly kind: 'leave' }>,
  before: KnownEntity | undefined,
): ReadonlyMap<string, string> {
  if (event.kind === 'enter') return columnsOf(event.document);
  const columns = new Map(before?.columns);
  for (const [path, change] of Object.entries(event.changes)) {
    const [, part, key = '', field] = path.split('/');
    if (part === 'columns' && field === 'name' && typeof change.new === 'string') columns.set(key, change.new);
  }
  return columns;
}

function columnsOf(document: JsonObject): ReadonlyMap<string, string> {
  const columns = Array.isArray(document['columns']) ? document['columns'] : [];
  return new Map(
    columns.flatMap((column) => (isJsonObject(column) ? [[text(column['key']), text(column['name'])] as const] : [])),
  );
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function incidentOf(event: Exclude<DemoEvent, { readonly kind: 'leave' }>, before: Incident | undefined): Incident {
  const { name, status, owners } = event.entity;
  const document = event.kind === 'enter' ? event.document : {};
  const about = typeof document['subject'] === 'string' ? labelOfUrn(document['subject']) : (before?.about ?? '');
  return { name, status, assignees: owners, about, severity: Number(document['severity'] ?? before?.severity ?? 0) };
}

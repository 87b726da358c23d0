import { type Json, type JsonRecord, recordOf, recordsOf, textOf, textsOf } from '../ui/json.ts';

/** What people may say of an asset, as a form has it. */
export interface AssetForm {
  readonly description: string;
  readonly domain: string;
  readonly status: string;
  /** Ids, each once. */
  readonly owners: readonly string[];
  readonly terms: readonly string[];
}

export type FormField = keyof AssetForm;

const texts = ['description', 'domain', 'status'] as const;
const lists = ['owners', 'terms'] as const;

/** From an asset as the hub answers, or entity and document of a view together. */
export function formOf(asset: JsonRecord): AssetForm {
  return {
    description: textOf(asset['description']),
    domain: textOf(asset['domain']),
    status: textOf(asset['status']),
    owners: recordsOf(asset['owners']).map(({ id }) => textOf(id)),
    terms: textsOf(asset['terms']),
  };
}

function missing(from: readonly string[], than: readonly string[]): readonly string[] {
  return from.filter((each) => !than.includes(each));
}

/** The merge patch of the keyed form that leads from one form to another; only what differs is in it. */
export function patchOf(base: AssetForm, mine: AssetForm): JsonRecord {
  const patch: Record<string, Json> = {};
  for (const field of texts) if (base[field] !== mine[field]) patch[field] = mine[field];
  for (const field of lists) {
    const added = missing(mine[field], base[field]).map((id) => [id, {}] as const);
    const removed = missing(base[field], mine[field]).map((id) => [id, null] as const);
    if (added.length + removed.length > 0) patch[field] = Object.fromEntries([...added, ...removed]);
  }
  return patch;
}

/**
 * The patch that leads back to a form, given the asset of which it was read: what nobody had said then is not said any more, so
 * that the source counts again, and an owner has the type and role of then.
 */
export function patchBack(from: AssetForm, to: AssetForm, was: JsonRecord): JsonRecord {
  const said = recordOf(was['curated']);
  const patch: Record<string, Json> = { ...patchOf(from, to) };
  for (const field of texts) if (patch[field] !== undefined && said[field] === undefined) patch[field] = null;
  const owners = Object.entries(recordOf(patch['owners'])).map(([id, value]): readonly [string, Json] => {
    const held = recordsOf(was['owners']).find((owner) => owner['id'] === id);
    const { id: _id, ...facts } = held ?? {};
    return [id, value === null ? null : facts];
  });
  return owners.length === 0 ? patch : { ...patch, owners: Object.fromEntries(owners) };
}

export interface Merged {
  readonly form: AssetForm;
  /** Fields that both have changed, to different values. In `form` they are mine. */
  readonly conflicts: readonly FormField[];
}

/**
 * What I have made of the base, on top of what others have made of it meanwhile. Members of lists are changed each for
 * itself, so lists never conflict.
 */
export function mergeForms(base: AssetForm, mine: AssetForm, theirs: AssetForm): Merged {
  const conflicts = texts.filter(
    (field) => base[field] !== mine[field] && base[field] !== theirs[field] && mine[field] !== theirs[field],
  );
  const text = (field: (typeof texts)[number]): string => (base[field] === mine[field] ? theirs[field] : mine[field]);
  const list = (field: (typeof lists)[number]): readonly string[] => {
    const gone = new Set(missing(base[field], mine[field]));
    const kept = theirs[field].filter((id) => !gone.has(id));
    return [...kept, ...missing(missing(mine[field], base[field]), kept)];
  };
  return {
    form: {
      ...{ description: text('description'), domain: text('domain'), status: text('status') },
      ...{ owners: list('owners'), terms: list('terms') },
    },
    conflicts,
  };
}

export function sameForm(one: AssetForm, other: AssetForm): boolean {
  return Object.keys(patchOf(one, other)).length === 0;
}

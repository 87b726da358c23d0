import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { MetaStore } from '../../../channels/ports/meta-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { matchesExactly } from '../resources/representation.ts';

/** Of one person together, as JSON. */
export const maxViewsBytes = 16 * 1024;

export const viewsSchema = z.strictObject({
  views: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1).max(100).meta({ description: 'What its owner calls it; each name once.' }),
        search: z.string().max(2000).meta({ description: 'The query of an address of the dashboard below `/assets`.' }),
      }),
    )
    .max(50),
});
type Views = z.infer<typeof viewsSchema>['views'];

const storedSchema = z.object({ v: z.literal(1), ...viewsSchema.shape });

/** The views of somebody, and their tag, with its quotes. */
export interface TaggedViews {
  readonly views: Views;
  readonly etag: string;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** @throws HubError storage-unavailable */
function parse(text: string): Views {
  const stored = storedSchema.safeParse(JSON.parse(text));
  if (stored.success) return stored.data.views;
  throw new HubError('storage-unavailable', 'your views were stored by a newer release; ask a node of that release');
}

function withTag(text: string): TaggedViews {
  return { views: parse(text), etag: `"${hashOf(text)}"` };
}

/** @throws HubError invalid-request */
function assertNamedOnce(views: Views): void {
  const names = new Set<string>();
  for (const [index, { name }] of views.entries()) {
    if (names.has(name)) throw new HubError('invalid-request', `views[${index}].name: another view has it already`);
    names.add(name);
  }
}

const none = JSON.stringify({ v: 1, views: [] });

/**
 * What people keep for themselves: questions to the catalog under names of their own. They are the words of their owner, whom
 * nobody else reads, and say nothing of what the answers are.
 */
export class OwnViews {
  readonly #meta: MetaStore;

  constructor(meta: MetaStore) {
    this.#meta = meta;
  }

  async of(principal: Principal): Promise<TaggedViews> {
    return withTag((await this.#meta.getMeta(keyOf(principal))) ?? none);
  }

  /** @throws HubError precondition-failed, invalid-request, limit-exceeded, storage-unavailable */
  async replace(principal: Principal, views: Views, ifMatch: string): Promise<TaggedViews> {
    assertNamedOnce(views);
    const next = JSON.stringify({ v: 1, views });
    if (Buffer.byteLength(next) > maxViewsBytes)
      throw new HubError('limit-exceeded', `views: more than ${maxViewsBytes} bytes together; remove one`);
    const key = keyOf(principal);
    const held = await this.#meta.putMetaIfAbsent(key, none);
    const isCurrent = matchesExactly(ifMatch, withTag(held).etag);
    if (!isCurrent || !(await this.#meta.replaceMeta(key, held, next)))
      throw new HubError('precondition-failed', 'if-match: your views are others by now; read them again');
    return withTag(next);
  }
}

function keyOf({ tenant, sub }: Principal): string {
  return `views:${hashOf(JSON.stringify([tenant, sub]))}`;
}

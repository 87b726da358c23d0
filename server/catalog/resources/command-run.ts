import { randomUUID } from 'node:crypto';
import { keyedFormOf } from '../../../channels/catalog/keyed-form.ts';
import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { HubEvent, Op } from '../../../channels/event/hub-event.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import { type Principal, principalKey } from '../../../channels/policy/principal.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { maskOf } from '../../../channels/wire/mask.ts';
import { maskedOp } from '../../../channels/wire/masked-op.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import type { Command, CommandIntake, CommandOutcome } from '../../ingest/command-intake.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import { hubChange } from '../hub-change.ts';
import { assertVisible, findEntity } from './find-entity.ts';
import { assertSameRequest, type RepeatableRequest } from './repeatable.ts';
import { matchesExactly, type Representation, representationOf } from './representation.ts';

export interface CommandOptions {
  readonly store: DocumentStore;
  readonly commands: Pick<CommandIntake, 'take'>;
  readonly policy: Pick<CurrentPolicy, 'classOf' | 'writerOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

/** How a request is guarded. */
export interface Guard {
  /** `If-Match`: nothing is done unless the caller sees exactly this. */
  readonly ifMatch: string | undefined;
  readonly repeatable: RepeatableRequest | undefined;
}

/** What a command has done, as its sender sees it. */
export interface Edited {
  readonly urn: string;
  readonly representation: Representation;
  readonly changes: readonly Omit<Op, 'labels'>[];
  /** Wire id of the event; null: nothing was altered. */
  readonly event: string | null;
  /** The request was repeated, and had been done before. */
  readonly isRepeated: boolean;
}

/** What an edit says: a merge patch of the keyed form, or what makes one of that form as its author sees it. */
export type EditBody = JsonObject | ((keyed: JsonObject) => JsonObject);

/** What a removal has done. */
export type Removed = Pick<Edited, 'event' | 'isRepeated'>;

/** What makes a command of one kind different from others. */
interface Decision {
  readonly changesOf: (
    document: CatalogDocument | undefined,
    facts: ReturnType<typeof hubChange>,
  ) => ReturnType<Command['changesOf']>;
  readonly judge: Command['judge'];
}

interface Done {
  readonly kind: DocumentKind;
  readonly urn: string;
  readonly outcome: CommandOutcome;
  readonly guard: Guard;
}

/** As the event carries them. */
function changesOf(event: HubEvent, policyClass: PolicyClass): Edited['changes'] {
  const mask = maskOf(policyClass);
  return event.data.change.ops
    .flatMap((op) => maskedOp(op, mask) ?? [])
    .map(({ op, path, old, new: next }) => ({
      ...{ op, path },
      ...(old === undefined ? {} : { old }),
      ...(next === undefined ? {} : { new: next }),
    }));
}

/** What the commands of people to entities of any kind share. */
export class CommandRun {
  readonly #options: CommandOptions;

  constructor(options: CommandOptions) {
    this.#options = options;
  }

  /** @throws HubError what the decision refuses it with, conflict, storage-unavailable */
  take(
    { tenant, sub }: Principal,
    urn: string,
    { repeatable }: Guard,
    { changesOf: decide, judge }: Decision,
  ): Promise<CommandOutcome> {
    const messageId = repeatable?.id ?? randomUUID();
    return this.#options.commands.take({
      tenant,
      urn,
      ids: repeatable?.all ?? [],
      changesOf: (document, nowIso) => decide(document, hubChange({ tenant, urn, sub, messageId, nowIso })),
      judge,
    });
  }

  /** The document, if the caller sees of it exactly what was named. @throws HubError precondition-failed */
  matching<D extends CatalogDocument>(document: D, policyClass: PolicyClass, { ifMatch }: Guard): D {
    if (ifMatch === undefined) return document;
    const { etag } = representationOf(document, policyClass, this.#options.ids);
    if (matchesExactly(ifMatch, etag)) return document;
    throw new HubError(
      'precondition-failed',
      `if-match: the ${document.kind} is not as you have seen it; read it again`,
    );
  }

  /** The merge patch that an edit says of the document. @throws HubError precondition-failed, invalid-request */
  patchOf(body: EditBody, document: CatalogDocument, policyClass: PolicyClass): JsonObject {
    if (typeof body !== 'function') return body;
    return body(keyedFormOf(representationOf(document, policyClass, this.#options.ids).shown));
  }

  /** The urn of what is to be removed; a repetition finds nothing any more. @throws HubError not-found */
  async urnToRemove(
    policyClass: PolicyClass,
    written: string,
    kind: DocumentKind,
    { repeatable }: Guard,
  ): Promise<string> {
    try {
      return (await findEntity(this.#options.store, policyClass, written, kind)).urn;
    } catch (error) {
      if (repeatable === undefined) throw error;
      return written;
    }
  }

  /** @throws HubError idempotency-mismatch */
  removed(outcome: CommandOutcome, { repeatable }: Guard): Removed {
    if (outcome.result === 'known') {
      assertSameRequest(repeatable, outcome.ids);
      return { event: null, isRepeated: true };
    }
    const [event] = outcome.events;
    return { event: event === undefined ? null : this.#options.ids.event(event), isRepeated: false };
  }

  /** A repetition gets the entity as it is now. @throws HubError idempotency-mismatch, not-found */
  async edited(principal: Principal, policyClass: PolicyClass, { kind, urn, outcome, guard }: Done): Promise<Edited> {
    const { store, ids, outlet } = this.#options;
    if (outcome.result === 'known') assertSameRequest(guard.repeatable, outcome.ids);
    const document =
      outcome.result === 'done' ? outcome.after : (await store.getMany([{ tenant: principal.tenant, urn }]))[0];
    const representation = representationOf(assertVisible(document, policyClass, kind), policyClass, ids);
    outlet.fetched({ owner: principalKey(principal) }, [representation.delivered]);
    const event = outcome.result === 'done' ? outcome.events[0] : undefined;
    return {
      urn,
      representation,
      changes: event === undefined ? [] : changesOf(event, policyClass),
      event: event === undefined ? null : ids.event(event),
      isRepeated: outcome.result === 'known',
    };
  }
}

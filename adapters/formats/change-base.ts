import type { Change } from '../../channels/catalog/change.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { Actor, Completeness, Origin } from '../../channels/event/hub-event.ts';
import type { ConnectorProfile } from '../../channels/ports/message-format.ts';
import { withDefined } from './fields.ts';

/** What all changes of one message share. */
export interface MessageFacts {
  readonly profile: ConnectorProfile;
  readonly origin: Origin;
  readonly messageId: string;
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string;
  /** When the source sent it, in the same form. */
  readonly sent?: string;
  readonly completeness: Completeness;
  readonly replay: boolean;
  readonly actor?: Actor;
  readonly authtype?: Change['authtype'];
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly extensions?: JsonObject;
}

/** The entity that a change is about. */
export interface Subject {
  readonly urn: string;
  readonly nativeId: string;
  readonly nativeType?: string;
  readonly ordinal?: number;
}

type ChangeBase = Omit<Change, 'target' | 'action' | 'patch' | 'purge' | 'mayCut'>;

/** The members that every kind of change has. The event's source is the connector's own; a sender cannot choose it. */
export function changeBase(facts: MessageFacts, { urn, nativeId, nativeType, ordinal = 0 }: Subject): ChangeBase {
  const { profile, origin, messageId, time, completeness, replay } = facts;
  const { sent, actor, correlationid, causationid, extensions } = facts;
  const base = {
    tenant: profile.tenant,
    connector: profile.id,
    source: profile.source ?? `/${origin.system}/${profile.id}`,
    urn,
    messageId,
    ordinal,
    time,
    completeness,
    replay,
    nativeId,
    authtype: facts.authtype ?? 'unknown',
    origin,
  };
  return withDefined(base, { nativeType, sent, actor, correlationid, causationid, extensions });
}

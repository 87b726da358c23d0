import type { z } from 'zod';
import { keyedMediaType, keyedSchemaOf } from '../../../channels/contract/keyed-schema.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { type Answer, jsonAnswer, ownResponse } from '../../http/answers.ts';
import type { ContentContract, RouteContract, RouteGroup, ValueContract } from '../../http/contract.ts';
import type { BodyDeclaration } from '../../http/request-body.ts';
import type { EditBody } from './command-run.ts';
import type { HttpResponse } from '../../transport/http.ts';

type ListPath = `/v1/${DocumentKind}s`;
type OnePath = `/v1/${DocumentKind}s/:urn`;

/** What is particular to the description of one kind. */
export interface ResourceFacts {
  readonly kind: DocumentKind;
  readonly group: RouteGroup;
  /** urn of one. */
  readonly example: string;
  readonly whole: z.ZodObject;
  readonly list: z.ZodType;
  /** Other forms of a list. */
  readonly listContent?: Readonly<Record<string, ContentContract>>;
  /** The answer to an edit; undefined: people do not edit it. */
  readonly edited?: z.ZodType;
  /** In place of the usual summaries. */
  readonly summaries?: Partial<Record<'list' | 'create' | 'patch' | 'replace', string>>;
  readonly listDescription?: string;
}

/** A body of PATCH, and what it says of an entity. */
export interface PatchBody {
  /** As it was sent. */
  readonly raw: JsonValue;
  readonly body: EditBody;
}

/** Bodies of its edits. */
export interface ResourceBodies {
  readonly create: BodyDeclaration<JsonObject>;
  readonly patch: BodyDeclaration<PatchBody>;
  readonly replace: BodyDeclaration<JsonObject>;
}

/** What clients are told of the routes of a kind. */
export interface ResourceContracts {
  readonly list: RouteContract<ListPath>;
  readonly read: RouteContract<OnePath>;
  readonly create: RouteContract<ListPath>;
  readonly patch: RouteContract<OnePath>;
  readonly replace: RouteContract<OnePath>;
  readonly remove: RouteContract<OnePath>;
  readonly answers: Readonly<Record<'list' | 'read' | 'created' | 'edited' | 'removed', Answer<HttpResponse>>>;
}

const readErrors = ['not-found', 'filter-too-large', 'storage-unavailable'] as const;
const editErrors = [
  ...(['not-found', 'forbidden', 'invalid-request', 'unsupported-media-type', 'precondition-failed'] as const),
  ...(['conflict', 'limit-exceeded', 'storage-unavailable', 'filter-too-large'] as const),
] as const;
const repeatable = [...editErrors, 'idempotency-mismatch'] as const;
const replayed = ['etag', 'idempotency-replayed'] as const;
const notModified = { status: 304, about: 'You have it already.', headers: ['etag'] } as const;

function answersOf({ kind, whole, list, listContent, edited = whole }: ResourceFacts): ResourceContracts['answers'] {
  return {
    list: ownResponse({
      status: 200,
      about: 'A page.',
      content: { 'application/json': { schema: list }, ...listContent },
    }),
    read: ownResponse(
      {
        ...{ status: 200, about: 'The entity, or its keyed form, in which it is patched.', headers: ['etag'] },
        content: { 'application/json': { schema: whole }, [keyedMediaType]: { schema: keyedSchemaOf(kind, whole) } },
      },
      notModified,
    ),
    created: ownResponse(
      jsonAnswer(edited, { status: 201, about: 'Created', headers: ['etag', 'location'] }),
      jsonAnswer(edited, { about: 'It had been created before.', headers: ['location', ...replayed] }),
    ),
    edited: ownResponse(jsonAnswer(edited, { headers: replayed })),
    removed: ownResponse({ status: 204, about: 'Deleted' }),
  };
}

/** The descriptions of all routes of a kind. */
export function contractsOf(facts: ResourceFacts): ResourceContracts {
  const { kind, group, example, summaries = {}, listDescription } = facts;
  const name = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
  const one = `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
  const urn: ValueContract = { about: `The urn of the ${kind}, percent-encoded.`, example };
  const ofOne = { group, params: { urn } } as const;
  const ofAll = { group, params: {} } as const;
  return {
    answers: answersOf(facts),
    list: {
      ...ofAll,
      id: `list${name}s`,
      summary: summaries.list ?? `List ${kind}s`,
      ...(listDescription === undefined ? {} : { description: listDescription }),
      errors: ['invalid-filter', 'filter-too-large', 'rate-limited', 'storage-unavailable'],
    },
    read: { ...ofOne, id: `get${name}`, summary: `Read ${one}`, headers: ['if-none-match'], errors: readErrors },
    create: {
      ...ofAll,
      id: `create${name}`,
      summary: summaries.create ?? `Create ${one}`,
      headers: ['idempotency-key'],
      // only assets have no id that two can want
      errors: kind === 'asset' ? repeatable : [...repeatable, 'already-exists'],
    },
    patch: {
      ...ofOne,
      id: `patch${name}`,
      summary: summaries.patch ?? `Change ${one} of people`,
      description:
        'A merge patch (RFC 7396) or a JSON Patch (RFC 6902) of the keyed form, in which every list is an object by the keys of its members.',
      headers: ['if-match', 'idempotency-key'],
      errors: repeatable,
    },
    replace: {
      ...ofOne,
      id: `replace${name}`,
      summary: summaries.replace ?? `Replace ${one} of people`,
      requiredHeaders: ['if-match'],
      headers: ['idempotency-key'],
      errors: [...repeatable, 'precondition-required'],
    },
    remove: {
      ...ofOne,
      id: `delete${name}`,
      summary: `Delete ${one} of people`,
      requiredHeaders: ['if-match'],
      errors: [...editErrors, 'precondition-required'],
    },
  };
}

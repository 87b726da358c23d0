import type { z } from 'zod';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';

/** Headings of the description, in their order. */
export const routeGroups = {
  Assets: 'Read assets, and change what people say of them.',
  Suggestions: 'Decide about tags that scanners suggest.',
  'Terms, domains and teams': 'What people define to describe assets by.',
  Relationships: 'Edges between two entities, lineage among them.',
  Definitions: 'What classifications imply and how sensitive they are.',
  Alerts: 'Incidents.',
  Catalog: 'Documents of all kinds as they are now.',
  Search: 'Search the catalog by words.',
  Bulk: 'Tables and files of assets, out and in, and how far that is.',
  GraphQL: 'The same in one request of your own shape.',
  Streams: 'Events as they happen, as server-sent events or lines of JSON.',
  Session: 'Who you are to the hub, and the sign-in of the dashboard.',
  Ingest: 'Send native messages and baselines.',
  Operations: 'Dead letters, connectors, the log, the journal, sessions and revocations.',
  Health: 'For orchestrators and Prometheus.',
  Contracts: 'This description, and pages about error codes.',
} as const;
/** One of {@link routeGroups}. */
export type RouteGroup = keyof typeof routeGroups;

/** What is to be known of a value in a request. */
export interface ValueContract {
  readonly about: string;
  /** A value that works; the tests send it. */
  readonly example?: string;
}

/** Request headers that have a meaning to some routes, beyond those of all requests. */
export const requestHeaders = {
  'if-match': {
    about: 'The change is only made if you still see what has this ETag; `*`: whatever is there.',
    example: '*',
  },
  'if-none-match': { about: 'Answers 304 if what you would get has this ETag.' },
  'idempotency-key': {
    about: 'The request has its effect once, also if it is sent again after a crash. At most 200 characters.',
  },
  'last-event-id': { about: 'Where to go on: the last `id` of the stream.' },
} as const satisfies Readonly<Record<string, ValueContract>>;
/** One of {@link requestHeaders}. */
export type RequestHeader = keyof typeof requestHeaders;

/** Headers of answers, beyond those of all. */
export const answerHeaders = {
  etag: 'Stands for all that you see of it; opaque.',
  location: 'Path of what was created.',
  'idempotency-replayed': '`true`: the request was repeated, and had been done before.',
} as const;
/** One of {@link answerHeaders}. */
export type AnswerHeader = keyof typeof answerHeaders;

type NameIn<Segment extends string> = Segment extends `:${infer Name}` | `*${infer Name}` ? Name : never;
/** Names of the parameters in a path. */
export type PathNames<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? NameIn<Segment> | PathNames<Rest>
  : NameIn<Path>;

/** What clients read of a route in /v1/openapi.json, beside what its query, body and answer say of themselves. */
export interface RouteContract<Path extends string = string> {
  /** Unique; the name of the method in a generated client. */
  readonly id: string;
  readonly group: RouteGroup;
  /** One line. */
  readonly summary: string;
  /** More, in Markdown. */
  readonly description?: string;
  readonly params: Readonly<Record<PathNames<Path>, ValueContract>>;
  readonly headers?: readonly RequestHeader[];
  /** Those without which the request is refused. */
  readonly requiredHeaders?: readonly RequestHeader[];
  /** The `ticket` of the query takes the place of a token. */
  readonly takesTicket?: true;
  /** An object of the members that its problems have beside those of all. */
  readonly problemMembers?: z.ZodObject;
  /** Codes that the handler gives, beside those of access, query and body, which are added. */
  readonly errors: readonly ErrorCode[];
}

/** A page for people, or a file of one: not described. */
export const forBrowsers = 'for browsers';

/** A successful answer. */
export interface AnswerContract {
  readonly status: number;
  readonly about: string;
  /** By media type; none: no body. */
  readonly content?: Readonly<Record<string, ContentContract>>;
  readonly headers?: readonly AnswerHeader[];
}

/** One form of a body. */
export interface ContentContract {
  readonly schema: z.ZodType;
  /** The tests send each of them, or compare with it. */
  readonly examples?: Readonly<Record<string, unknown>>;
}

/** A body that a route reads. */
export interface BodyContract {
  readonly content: Readonly<Record<string, ContentContract>>;
  readonly isOptional: boolean;
  readonly errors: readonly ErrorCode[];
}

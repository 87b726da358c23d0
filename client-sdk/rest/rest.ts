import type { JsonObject } from '../../channels/event/json.ts';

/** Methods of the HTTP API. */
export type HubMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a request says beside its path. */
export interface HubRequestOptions {
  /** Parameters of the query; those that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Of the body. Default: `application/merge-patch+json` with `PATCH`, else `application/json`. */
  readonly contentType?: string;
  /** Only if the resource still has this tag; else the request is refused with `precondition-failed`. */
  readonly ifMatch?: string;
  /** A request that is sent again with the same key has its effect once. */
  readonly idempotencyKey?: string;
  /** Gives the request up. */
  readonly signal?: AbortSignal;
}

/** What the hub answered. */
export interface HubAnswer<Body = JsonObject> {
  /** HTTP status, 200 to 299. */
  readonly status: number;
  /** The JSON; an empty object where there is none. */
  readonly body: Body;
  /** Tag of the resource, for `ifMatch`; undefined if the answer has none. */
  readonly etag: string | undefined;
}

/** Options of a method that has its body as an argument. */
export type HubBodyOptions = Omit<HubRequestOptions, 'body'>;

/**
 * The HTTP API of the hub, with the token and the errors of the hub object. Paths are those of docs/http.md, such as
 * `/v1/assets`; ids in them are percent-encoded. A request is not repeated, but for one with a token that had expired. Rejects
 * with a `HubClientError`: the code of the hub, or `unreachable`.
 */
export interface HubRest {
  /**
   * Reads.
   *
   * @example
   * const { body, etag } = await hub.get(`/v1/assets/${encodeURIComponent(urn)}`);
   * await hub.patch(`/v1/assets/${encodeURIComponent(urn)}`, { domain: 'retail' }, { ifMatch: etag });
   */
  get<Body = JsonObject>(path: string, options?: HubBodyOptions): Promise<HubAnswer<Body>>;
  /** Creates, or asks for something to be done. */
  post<Body = JsonObject>(path: string, body?: object, options?: HubBodyOptions): Promise<HubAnswer<Body>>;
  /** Replaces. Needs `ifMatch`. */
  put<Body = JsonObject>(path: string, body: object, options?: HubBodyOptions): Promise<HubAnswer<Body>>;
  /** Changes what the patch names: a merge patch of the keyed form, see docs/rest.md. */
  patch<Body = JsonObject>(path: string, body: object, options?: HubBodyOptions): Promise<HubAnswer<Body>>;
  /** Deletes. Needs `ifMatch`. */
  delete<Body = JsonObject>(path: string, options?: HubBodyOptions): Promise<HubAnswer<Body>>;
}

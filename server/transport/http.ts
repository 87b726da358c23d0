/** One HTTP request, the same on every engine. */
export interface HttpRequest {
  readonly method: string;
  /** Path without query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whole body. @throws HubError message-too-large once more than `maxBytes` have come in */
  body(maxBytes: number): Promise<Uint8Array>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection ends with it. */
  readonly isLast?: boolean;
  /** Called once when the answer has been taken, or nobody is there to take it. */
  readonly onTaken?: () => void;
}

/** After a body that was not read to its end nothing on its connection can be understood. */
export function endsConnection({ status, isLast = false }: HttpResponse): boolean {
  return isLast || status === 413;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;

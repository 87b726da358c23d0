import { HubError } from '../../channels/protocol/hub-error.ts';

/** One HTTP request, the same on every engine. */
export interface HttpRequest {
  readonly method: string;
  /** Address of the other end of the connection: of a proxy behind which the client is. */
  readonly peer: string;
  /** Path without query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whole body. @throws HubError message-too-large once more than `maxBytes` have come in */
  body(maxBytes: number): Promise<Uint8Array>;
  /**
   * The body in parts as they come in, in place of `body`: no more is taken from the network than is asked for. To be read
   * once. @throws HubError invalid-request when the connection ends before the body, message-too-large for tiny chunks
   */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Where a handler writes a body that it does not have as a whole. */
export interface HttpStream {
  /** Takes the chunk in any case. False: the client does not keep up, so the next should wait for `onDrain`. */
  write(chunk: string | Uint8Array): boolean;
  /** Bytes that the client may not have taken yet, at most. */
  readonly pendingBytes: number;
  /** Called each time when the client has caught up. */
  onDrain(listener: () => void): void;
  /** Called once, after the end or when the client is gone. Later writes are dropped. */
  onClose(listener: () => void): void;
  end(): void;
  /** Ends the connection, so that the client notices that the body is not complete. */
  abort(): void;
}

/** A function is called once, when the head of the answer has been written; not for HEAD. */
export type HttpBody = string | Uint8Array | ((stream: HttpStream) => void);

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** The connection ends with it. */
  readonly isLast?: boolean;
  /** Called once when the answer has been read, or the client is gone. */
  readonly onTaken?: () => void;
}

/** After a body that was not read to its end nothing on its connection can be understood. */
export function endsConnection({ status, isLast = false }: HttpResponse): boolean {
  return isLast || status === 413;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;

/** A body that is held already, as a request has it. */
export function heldBody(bytes: Uint8Array): Pick<HttpRequest, 'body' | 'chunks'> {
  return {
    body: async (maxBytes) => {
      if (bytes.length > maxBytes) throw new HubError('message-too-large', `body: at most ${maxBytes} bytes`);
      return bytes;
    },
    async *chunks() {
      yield bytes;
    },
  };
}

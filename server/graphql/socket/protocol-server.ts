import { type ExecutionArgs, type ExecutionResult, GraphQLSchema } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type Server } from 'graphql-ws';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { bearer } from '../../http/router.ts';
import type { TokenVerifier } from '../../identity/token-verifier.ts';
import type { HttpHandler } from '../../transport/http.ts';
import type { SocketListener, SocketRequest, TextSocket } from '../../transport/sockets/socket-service.ts';
import { ResultQueue } from './result-queue.ts';
import { beginOperation, BegunOperation } from './socket-operation.ts';

export interface ProtocolServerOptions {
  /** Answers as over HTTP. */
  readonly respond: HttpHandler;
  readonly verify: TokenVerifier;
  readonly onFault: (thrown: unknown) => void;
}

/** What the hub knows of a socket. */
interface Caller {
  readonly socket: TextSocket;
  readonly request: SocketRequest;
  authorization: string;
}

/** A client that opens a socket and says nothing costs memory. */
const initMs = 10_000;
const [interrupted, tryAgain, unauthorized, internal] = [1012, 1013, 4401, 4500] as const;

/** Never run: an operation is run by the route that it stands for. */
const noSchema = new GraphQLSchema({});

function resultOf({ contextValue }: ExecutionArgs): ExecutionResult | ResultQueue {
  if (contextValue instanceof BegunOperation) return contextValue.result;
  throw new Error('an operation that was not begun');
}

/** Of the first message, as a header is written or the token alone; else that of the upgrade. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined, { headers }: SocketRequest): string {
  const { authorization, Authorization, token } = params ?? {};
  const said = authorization ?? Authorization ?? (typeof token === 'string' ? `Bearer ${token}` : undefined);
  return typeof said === 'string' ? said : (headers['authorization'] ?? '');
}

/** The protocol graphql-transport-ws on sockets, in the words of its own library. */
export class ProtocolServer {
  readonly #options: ProtocolServerOptions;
  readonly #server: Server<Caller>;

  constructor(options: ProtocolServerOptions) {
    this.#options = options;
    this.#server = makeServer<Record<string, unknown>, Caller>({
      connectionInitWaitTimeout: initMs,
      onConnect: ({ connectionParams, extra }) => this.#admit(connectionParams, extra),
      onSubscribe: async ({ extra }, _id, payload) => {
        const { socket, request, authorization } = extra;
        const onInterrupted = (): void => socket.close(interrupted, 'interrupted; connect again');
        const queue = (): ResultQueue => new ResultQueue(() => socket.pendingBytes, onInterrupted);
        const begun = await beginOperation({ ...this.#options, request, authorization, queue }, payload);
        if (!(begun instanceof BegunOperation)) return begun;
        const { document } = begun;
        return { schema: noSchema, document, operationName: payload.operationName, contextValue: begun };
      },
      execute: resultOf,
      subscribe: resultOf,
    });
  }

  serve(socket: TextSocket, request: SocketRequest): SocketListener {
    let hear: (text: string) => Promise<void> = async () => {};
    const closed = this.#server.opened(
      {
        protocol: GRAPHQL_TRANSPORT_WS_PROTOCOL,
        send: (text) => socket.send(text),
        close: (code = internal, reason = '') => socket.close(code, reason),
        onMessage: (listener) => (hear = listener),
      },
      { socket, request, authorization: '' },
    );
    const failed = (thrown: unknown): void => {
      this.#options.onFault(thrown);
      socket.close(internal, 'internal error');
    };
    return {
      onText: (text) => void hear(text).catch(failed),
      onClose: (code, reason) => void closed(code, reason).catch(failed),
    };
  }

  async #admit(params: Readonly<Record<string, unknown>> | undefined, caller: Caller): Promise<boolean> {
    caller.authorization = authorizationOf(params, caller.request);
    try {
      await this.#options.verify(bearer({ headers: { authorization: caller.authorization } }));
      return true;
    } catch (thrown) {
      const { retryable, code, message } = HubError.from(thrown);
      caller.socket.close(retryable ? tryAgain : unauthorized, `${code}: ${message}`);
      return false;
    }
  }
}

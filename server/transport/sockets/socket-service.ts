import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Admission, Knock } from '../knock.ts';

/** The request with which a WebSocket began. */
export interface SocketRequest {
  /** Address of the other end of the connection: of a proxy behind which the client is. */
  readonly peer: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A WebSocket of a protocol of its own, in texts. */
export interface TextSocket {
  /** Takes the text in any case; resolves when the client has taken what it was sent, or is gone. */
  send(text: string): Promise<void>;
  /** Bytes that the client may not have taken yet. */
  readonly pendingBytes: number;
  /** Closes after what was sent. Later calls do nothing. */
  close(code: number, reason: string): void;
}

/** What hears a socket. Neither may throw. */
export interface SocketListener {
  readonly onText: (text: string) => void;
  /** Called once, whichever side closed. */
  readonly onClose: (code: number, reason: string) => void;
}

/** WebSockets of another protocol than Socket.IO, next to it on the same port. */
export interface SocketService {
  readonly path: string;
  /** Clients ask for it as Sec-WebSocket-Protocol. */
  readonly protocol: string;
  readonly open: (socket: TextSocket, request: SocketRequest) => SocketListener;
}

/** Why an upgrade to a service is refused before the handshake. */
export function serviceRefusal(
  { protocol }: SocketService,
  asked: string | undefined,
  knock: Pick<Knock, 'origin' | 'address'>,
  admit: Admission,
): HubError | undefined {
  const protocols = (asked ?? '').split(',').map((each) => each.trim());
  if (!protocols.includes(protocol))
    return new HubError('unsupported-protocol', `sec-websocket-protocol: this address speaks ${protocol}`);
  return admit(knock);
}

import type { Cursor } from '../../channels/position/cursor.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import type { TransportOptions } from '../transport/transport.ts';

/** Callbacks of the transport to the part with the connections. */
type Handlers = Pick<
  TransportOptions,
  'authenticate' | 'onConnection' | 'onFlood' | 'onSlowConsumer' | 'onSocket' | 'onSocketGone'
>;

/** The part that holds connections of clients, as the transport and the other parts of its node see it. */
export interface Clients extends Handlers {
  /** Why a connection from this address may not shake hands. */
  readonly refusalFor: (address: string) => HubError | undefined;
  /** Closes a session of this node if it is of the tenant; true when it was here. */
  readonly disconnect: (tenant: string, session: string) => boolean;
  /** What of the log has been published to the clients. */
  readonly position: () => Cursor;
}

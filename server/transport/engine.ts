import { HubError } from '../../channels/protocol/hub-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { Knock } from './knock.ts';
import type { ServedSockets } from './sockets/served-sockets.ts';
import type { Transport, TransportOptions } from './transport.ts';

/** Where the engines differ: how to listen, publish and stop. */
export interface Engine {
  readonly name: Transport['engine'];
  listen(): Promise<number>;
  stopListening(): void;
  publish(room: string, packet: string): void;
  publishAll(packet: string): void;
  close(): void;
}

/** What an engine is made of. */
export interface EngineParts {
  readonly options: TransportOptions;
  readonly exchange: HttpExchange;
  readonly refusalOf: (knock: Knock) => HubError | undefined;
  /** The WebSockets of `options.services`. */
  readonly sockets: ServedSockets;
}

/** Somebody else has the port. */
export function portTaken(options: TransportOptions, cause?: unknown): HubError {
  return new HubError(
    'config-invalid',
    `cannot listen on ${options.host}:${options.port}; is another process using it? Set PURSIGHT_PORT`,
    { cause },
  );
}

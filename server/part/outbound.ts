import type { Transport } from '../transport/transport.ts';

/** What parts send through the transport of their node. */
export type Outbound = Pick<Transport, 'publish' | 'publishAll' | 'askPeers'>;

/** The transport of a node is made after its parts, whose routes it serves: until then nothing can be sent. */
export class LateOutbound implements Outbound {
  #transport: Outbound | undefined;

  connect(transport: Outbound): void {
    this.#transport = transport;
  }

  readonly publish: Outbound['publish'] = (room, packet) => this.#transport?.publish(room, packet);

  readonly publishAll: Outbound['publishAll'] = (packet) => this.#transport?.publishAll(packet);

  readonly askPeers: Outbound['askPeers'] = async (topic, payload) => this.#transport?.askPeers(topic, payload) ?? [];
}

import { asError } from '../../channels/base/thrown.ts';
import { patchOnce } from './patch-once.ts';

interface KafkaConnection {
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  readonly socket: { destroy(error: Error): void };
  isConnected(): boolean;
  connect: (this: KafkaConnection) => Promise<unknown>;
  processData: (this: KafkaConnection, data: Buffer) => unknown;
}

const sizeBytes = 4;

/**
 * kafkajs keeps the half of an answer that a broken connection has left and reads the next connection's answers behind
 * it: their sizes then come from the middle of something, and the read beyond the end throws where nobody catches it,
 * which ends the process. A new connection begins with nothing, and an answer that cannot be read breaks its connection
 * only.
 */
export function patchConnection(): void {
  patchOnce<KafkaConnection>('src/network/connection', (prototype) => {
    const { connect, processData } = prototype;
    prototype.connect = function connectAfresh() {
      if (!this.isConnected()) forget(this);
      return connect.call(this);
    };
    prototype.processData = function processOrBreak(data) {
      try {
        return processData.call(this, data);
      } catch (error) {
        forget(this);
        return this.socket.destroy(asError(error));
      }
    };
  });
}

function forget(connection: KafkaConnection): void {
  [connection.chunks, connection.bytesBuffered, connection.bytesNeeded] = [[], 0, sizeBytes];
}

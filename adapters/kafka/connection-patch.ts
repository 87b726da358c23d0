import { createRequire } from 'node:module';

interface KafkaConnection {
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  readonly socket: { destroy(error: Error): void };
  isConnected(): boolean;
  connect: (this: KafkaConnection) => Promise<unknown>;
  processData: (this: KafkaConnection, data: Buffer) => unknown;
}

const marker = Symbol('patched');
const sizeBytes = 4;

/**
 * kafkajs keeps the half of an answer that a broken connection has left and reads the next connection's answers behind
 * it: their sizes then come from the middle of something, and the read beyond the end throws where nobody catches it, which ends the
 * process. A new connection begins with nothing, and an answer that cannot be read breaks its connection only. Does its
 * work once, however often it is called.
 */
export function patchConnection(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as {
    prototype: KafkaConnection & { [marker]?: true };
  };
  if (prototype[marker]) return;
  prototype[marker] = true;
  const { connect, processData } = prototype;
  const forget = (connection: KafkaConnection): void => {
    [connection.chunks, connection.bytesBuffered, connection.bytesNeeded] = [[], 0, sizeBytes];
  };
  prototype.connect = function connectAfresh() {
    if (!this.isConnected()) forget(this);
    return connect.call(this);
  };
  prototype.processData = function processOrBreak(data) {
    try {
      return processData.call(this, data);
    } catch (error) {
      forget(this);
      return this.socket.destroy(error as Error);
    }
  };
}

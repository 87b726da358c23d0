import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { HttpStream } from '../../transport/http.ts';

const highWaterBytes = 256 * 1024;
/** uWebSockets.js itself closes a connection that takes nothing for 12 s. */
const patienceMs = 30_000;

/** How a client reads its stream. */
export interface StreamReader {
  /** Resolves when it has taken most of what was sent, or is gone. @throws HubError slow-consumer when it takes nothing */
  drained(): Promise<void>;
  isGone(): boolean;
}

/** Listens from now on. */
export function readerOf(stream: HttpStream): StreamReader {
  let isGone = false;
  let wake = (): void => {};
  stream.onDrain(() => wake());
  stream.onClose(() => {
    isGone = true;
    wake();
  });
  return {
    isGone: () => isGone,
    drained: async () => {
      if (isGone || stream.pendingBytes < highWaterBytes) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new HubError('slow-consumer', 'the client takes nothing')), patienceMs);
      });
      const taken = new Promise<void>((resolve) => (wake = resolve));
      await Promise.race([taken, late]).finally(() => clearTimeout(timer));
    },
  };
}

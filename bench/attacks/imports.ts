import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';

const mebibyte = 1 << 20;
const small = '{"urn":"urn:gov:acme:none","description":"x"}\n';

interface Upload {
  readonly format: 'csv' | 'ndjson';
  readonly pieces: () => Iterable<Uint8Array>;
  readonly encoding?: string;
}

function* repeated(piece: Uint8Array, times: number): Generator<Uint8Array> {
  for (let count = 0; count < times; count++) yield piece;
}

/** Many rows, a line and a cell without an end, lines with nothing, and much of nothing in a few bytes. */
const uploads: readonly Upload[] = [
  { format: 'ndjson', pieces: () => repeated(Buffer.from(small.repeat(5000)), 4) },
  { format: 'ndjson', pieces: () => repeated(Buffer.alloc(mebibyte, 'x'), 16) },
  { format: 'csv', pieces: () => [Buffer.from('urn,name\n"'), ...repeated(Buffer.alloc(mebibyte, 'x'), 16)] },
  { format: 'csv', pieces: () => repeated(Buffer.alloc(mebibyte, '\n'), 8) },
  { format: 'ndjson', pieces: () => [gzipSync(Buffer.alloc(16 * mebibyte, '\n'))], encoding: 'gzip' },
];

async function send(target: AttackTarget, index: number, { format, pieces, encoding }: Upload): Promise<number> {
  const left = pieces()[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done = false } = left.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const init = {
    ...{ method: 'POST', body, duplex: 'half' as const },
    headers: {
      authorization: `Bearer ${tokenOf(target, index)}`,
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
  };
  const response = await fetch(`http://127.0.0.1:${target.port}/v1/imports?format=${format}`, init).catch(
    () => undefined,
  );
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status ?? 0;
}

/** Files of all kinds at once, of which the hub has to read every byte. */
export const endlessImports: Attack = async (target) => {
  const deadline = deadlineOf(target);
  let [sent, kept] = [0, 0];
  const one = async (_: unknown, index: number): Promise<void> => {
    for (let turn = index; isBefore(deadline); turn++) {
      const upload = uploads[turn % uploads.length];
      if (upload === undefined) return;
      sent += 1;
      if ((await send(target, index, upload)) === 202) kept += 1;
      else await pause(50);
    }
  };
  await Promise.all(Array.from({ length: 20 }, one));
  return { sent, kept };
};

import { z } from 'zod';
import type { Sealer } from '../../sealing/sealer.ts';

/** How far a download has come. */
export interface DownloadPlace {
  /** Where the log was when it began, as `after` of a stream of events. */
  readonly position: string;
  /** Of the last asset of the page before, read or not; empty at the beginning. */
  readonly urn: string;
  /** Assets sent so far. */
  readonly count: number;
}

const schema = z.object({ position: z.string(), urn: z.string(), count: z.int() }) satisfies z.ZodType<DownloadPlace>;

/** Sealed: the urn may be of a document that its client may not see. */
export function placeText(sealer: Sealer, place: DownloadPlace): string {
  return sealer.seal('download', Buffer.from(JSON.stringify(place)));
}

export function parsePlace(sealer: Sealer, text: string): DownloadPlace | undefined {
  const bytes = sealer.open('download', text);
  return bytes === undefined ? undefined : schema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data;
}

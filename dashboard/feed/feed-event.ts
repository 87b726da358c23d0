import type { Json } from '../ui/json.ts';

/** One difference as events carry it. */
export interface AnyChange {
  readonly old?: Json;
  readonly new?: Json;
}

/** One line of a feed: an event, or a place where events may be missing. */
export type FeedLine =
  | {
      readonly key: string;
      readonly kind: 'enter' | 'update' | 'leave';
      readonly urn: string;
      readonly name: string;
      readonly type: string;
      readonly at: string;
      readonly actor: string;
      readonly correlation: string;
      readonly changes: readonly (readonly [string, AnyChange])[];
    }
  | { readonly key: string; readonly kind: 'gap'; readonly reason: string; readonly at: string };

/** A line that tells of an event. */
export type ChangeLine = Exclude<FeedLine, { readonly kind: 'gap' }>;

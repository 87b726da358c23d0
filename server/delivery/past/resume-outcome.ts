import type { ResumeReason } from '../../../channels/protocol/up.ts';
import type { Replay } from './replay.ts';

/** A resume that is proven complete. */
export interface Resume {
  readonly ok: true;
  readonly replay: Replay;
}

/** Why the client must start from now. */
export type Refusal = { readonly ok: false; readonly reason: ResumeReason };

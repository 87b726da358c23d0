import { useState } from 'react';
import { recordOf, recordsOf, textOf } from '../ui/json.ts';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import type { Suggestion } from './suggestions.ts';

export type Decision = 'approve' | 'reject';

/** As many as the hub takes in one request. */
export const maxAtOnce = 1000;

export interface Decisions {
  /** What became of the last ones, for people. */
  readonly said: string;
  readonly isBusy: boolean;
  readonly decide: (decision: Decision, of: readonly Suggestion[], reason: string) => Promise<void>;
}

/** Sends decisions; the rows go when the events of them arrive, as for everybody. */
export function useDecisions(done: () => void): Decisions {
  const { hub } = useSignedIn();
  const [said, setSaid] = useState('');
  const [isBusy, setBusy] = useState(false);
  const decide: Decisions['decide'] = async (decision, of, reason) => {
    const batch = of.slice(0, maxAtOnce);
    if (batch.length === 0 || isBusy) return;
    setBusy(true);
    const decisions = batch.map(({ urn, column, tag }) => ({
      ...{ urn, tag, decision },
      ...(column === undefined ? {} : { column: column.key }),
      ...(reason === '' ? {} : { reason }),
    }));
    try {
      const { body } = await hub.post('/v1/suggestions:decide', { decisions });
      const failed = recordsOf(body['results']).filter(({ result }) => result === 'refused');
      const first = textOf(recordOf(failed[0]?.['error'])['message']);
      const why = failed.length === 0 ? '' : ` ${failed.length} were not: ${first}`;
      setSaid(`${batch.length - failed.length} ${decision === 'approve' ? 'approved' : 'rejected'}.${why}`);
      done();
    } catch (problem) {
      setSaid(messageOf(problem));
    }
    setBusy(false);
  };
  return { said, isBusy, decide };
}

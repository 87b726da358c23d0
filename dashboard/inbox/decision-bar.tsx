import { useState } from 'react';

export interface DecisionBarProps {
  readonly count: number;
  readonly all: number;
  readonly isBusy: boolean;
  readonly selectAll: () => void;
  readonly clear: () => void;
  readonly decide: (decision: 'approve' | 'reject', reason: string) => void;
}

const maxReason = 500;

/** What can be done with the selected rows. */
export function DecisionBar({ count, all, isBusy, selectAll, clear, decide }: DecisionBarProps): React.JSX.Element {
  const [reason, setReason] = useState('');
  const act = (decision: 'approve' | 'reject'): void => {
    decide(decision, reason.trim());
    setReason('');
  };
  return (
    <div className="decision-bar" role="toolbar" aria-label="Decide">
      <span>{count} selected</span>
      <button type="button" className="quiet" onClick={selectAll} disabled={all === 0}>
        Select all
      </button>
      <button type="button" className="quiet" onClick={clear} disabled={count === 0}>
        Clear
      </button>
      <input
        aria-label="Reason"
        placeholder="Reason (optional)"
        maxLength={maxReason}
        spellCheck={false}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <button type="button" onClick={() => act('approve')} disabled={count === 0 || isBusy} aria-keyshortcuts="a">
        Approve
      </button>
      <button type="button" onClick={() => act('reject')} disabled={count === 0 || isBusy} aria-keyshortcuts="r">
        Reject
      </button>
    </div>
  );
}

export interface DecisionBarProps {
  readonly count: number;
  readonly all: number;
  readonly isBusy: boolean;
  readonly selectAll: () => void;
  readonly clear: () => void;
  readonly reason: string;
  readonly setReason: (reason: string) => void;
  readonly decide: (decision: 'approve' | 'reject') => void;
}

const maxReason = 500;

/** What can be done with the selected rows. */
export function DecisionBar(props: DecisionBarProps): React.JSX.Element {
  const { count, all, isBusy, selectAll, clear, reason, setReason, decide } = props;
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
      <button type="button" onClick={() => decide('approve')} disabled={count === 0 || isBusy} aria-keyshortcuts="a">
        Approve
      </button>
      <button type="button" onClick={() => decide('reject')} disabled={count === 0 || isBusy} aria-keyshortcuts="r">
        Reject
      </button>
    </div>
  );
}

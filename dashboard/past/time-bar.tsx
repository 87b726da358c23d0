import { useEffect } from 'react';
import { isTyping } from '../app/keys.ts';
import { preferences } from '../settings/preferences.ts';
import { dayAndTime } from '../ui/times.ts';
import type { Moment } from './moments.ts';

export interface TimeBarProps {
  readonly moments: readonly Moment[];
  readonly place: number;
  readonly goTo: (place: number) => void;
  readonly leave: () => void;
}

function wordsOf({ line, newer }: Moment): string {
  const when = line === undefined ? 'Before all that is known here' : dayAndTime(line.at);
  const who = line === undefined || line.actor === '' ? '' : ` by ${line.actor}`;
  return `${when}${who}${newer.length === 0 ? ', as it is now' : ''}`;
}

/** Leads from event to event, by pointer and by `[` and `]`. */
export function TimeBar({ moments, place, goTo, leave }: TimeBarProps): React.JSX.Element {
  const moment = moments[place];
  const words = moment === undefined ? 'This moment is not known any more.' : wordsOf(moment);
  const last = moments.length - 1;
  const step = (by: number): void => goTo(Math.max(0, Math.min(last, place + by)));
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      if (ctrlKey || metaKey || altKey || isTyping(target) || !preferences().letterKeys) return;
      if (key === '[') step(-1);
      else if (key === ']') step(1);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  return (
    <div className="time-bar" role="group" aria-label="Time">
      <button type="button" aria-label="Earlier" aria-keyshortcuts="[" disabled={place <= 0} onClick={() => step(-1)}>
        ‹
      </button>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={words}
        min={0}
        max={Math.max(last, 0)}
        value={Math.max(place, 0)}
        onChange={({ target }) => goTo(Number(target.value))}
      />
      <button type="button" aria-label="Later" aria-keyshortcuts="]" disabled={place >= last} onClick={() => step(1)}>
        ›
      </button>
      <span className="time-words">{words}</span>
      <button type="button" onClick={leave}>
        Back to now
      </button>
    </div>
  );
}

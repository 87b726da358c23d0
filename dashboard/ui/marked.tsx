export interface MarkedProps {
  readonly text: string;
  /** First and behind the last UTF-16 unit of each match, ascending. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** A text with its matches marked. */
export function Marked({ text, ranges }: MarkedProps): React.JSX.Element {
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    parts.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  return (
    <bdi>
      {parts}
      {text.slice(at)}
    </bdi>
  );
}

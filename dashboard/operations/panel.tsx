import type { ReactNode } from 'react';

export interface PanelProps {
  readonly title: string;
  readonly problem: string | undefined;
  readonly isLoading: boolean;
  /** What became of the last command. @default it has none */
  readonly said?: string;
  readonly children: ReactNode;
}

export function Panel({ title, problem, isLoading, said, children }: PanelProps): React.JSX.Element {
  return (
    <section className="panel" aria-label={title} aria-busy={isLoading && problem === undefined}>
      <h2>{title}</h2>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
      {said === undefined || isLoading ? null : (
        <p role="status" className="hint">
          {said}
        </p>
      )}
      {isLoading ? problem === undefined ? <p className="hint">Loading…</p> : null : children}
    </section>
  );
}

export interface TableProps {
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly ReactNode[])[];
  readonly keys: readonly string[];
  readonly empty: string;
}

export function Table({ label, head, rows, keys, empty }: TableProps): React.JSX.Element {
  if (rows.length === 0) return <p className="hint">{empty}</p>;
  return (
    <div className="table-scroll" role="region" aria-label={`${label}, table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keys[index]}>
              {row.map((cell, at) => (
                <td key={head[at]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

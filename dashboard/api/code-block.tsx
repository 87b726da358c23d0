import { useState } from 'react';

export interface CodeBlockProps {
  readonly label: string;
  readonly text: string;
  /** @default it is only read */
  readonly canCopy?: boolean;
}

/** A text as it is typed. */
export function CodeBlock({ label, text, canCopy = false }: CodeBlockProps): React.JSX.Element {
  const [copied, setCopied] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('Copied');
    } catch {
      setCopied('Select and copy it by hand: the browser does not allow it here');
    }
  };
  return (
    <div className="code-block">
      {canCopy ? (
        <div className="code-bar">
          <span role="status" className="hint">
            {copied}
          </span>
          <button type="button" className="quiet" onClick={() => void copy()} aria-label={`Copy ${label}`}>
            Copy
          </button>
        </div>
      ) : null}
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

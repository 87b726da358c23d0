import { Link } from '@tanstack/react-router';
import type { JsonRecord } from '../ui/json.ts';
import { CodeBlock } from './code-block.tsx';
import { namesIn, typeText } from './schema-text.ts';

/** A schema as a type, with ways to those that it names. */
export function SchemaView({
  label,
  schema,
}: {
  readonly label: string;
  readonly schema: JsonRecord;
}): React.JSX.Element {
  const names = namesIn(schema);
  return (
    <>
      <CodeBlock label={label} text={typeText(schema)} />
      {names.length === 0 ? null : (
        <p className="hint">
          {names.map((name, index) => (
            <span key={name}>
              {index === 0 ? 'See ' : ', '}
              <Link to="/api" search={{ show: `schema:${name}` }}>
                {name}
              </Link>
            </span>
          ))}
        </p>
      )}
    </>
  );
}

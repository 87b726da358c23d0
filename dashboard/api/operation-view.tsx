import { useId, useState } from 'react';
import { About } from './about.tsx';
import type { ApiAnswer, ApiContent, ApiOperation, ApiParameter } from './api-document.ts';
import { CodeBlock } from './code-block.tsx';
import { curlOf, exampleValues, type Values } from './curl.ts';
import { SchemaView } from './schema-view.tsx';
import { typeText } from './schema-text.ts';
import { canTry, TryIt } from './try-it.tsx';

/** One operation: what it takes, a command that sends it, and what it answers. */
export function OperationView({ operation }: { readonly operation: ApiOperation }): React.JSX.Element {
  const { method, path, summary, about, needsToken, parameters, bodies, answers } = operation;
  const [values, setValues] = useState<Values>(() => exampleValues(operation));
  const change = (name: string, value: string): void => setValues((before) => ({ ...before, [name]: value }));
  return (
    <article className="operation" aria-label={summary}>
      <h2>{summary}</h2>
      <p className="operation-path">
        <span className="method" data-method={method}>
          {method}
        </span>{' '}
        <bdi>{path}</bdi>
      </p>
      {about === '' ? null : (
        <p className="prose">
          <About text={about} />
        </p>
      )}
      <p className="hint">{needsToken ? 'Needs a token.' : 'Needs no token.'}</p>
      <Parameters parameters={parameters} values={values} change={change} />
      <Commands operation={operation} values={values} />
      {canTry(operation) ? <TryIt operation={operation} values={values} /> : null}
      {bodies.map(({ mediaType, schema }) => (
        <section key={mediaType}>
          <h3>Body, {mediaType}</h3>
          <SchemaView label={`Body, ${mediaType}`} schema={schema} />
        </section>
      ))}
      <h3>Answers</h3>
      {answers.map((answer) => (
        <Answer key={answer.status} answer={answer} />
      ))}
    </article>
  );
}

interface ParametersProps {
  readonly parameters: readonly ApiParameter[];
  readonly values: Values;
  readonly change: (name: string, value: string) => void;
}

function Parameters({ parameters, values, change }: ParametersProps): React.JSX.Element | null {
  const id = useId();
  if (parameters.length === 0) return null;
  return (
    <>
      <h3>Parameters</h3>
      <ul className="parameters">
        {parameters.map(({ name, place, isRequired, about, schema }) => (
          <li key={`${place} ${name}`}>
            <label htmlFor={`${id}-${name}`}>
              <strong>{name}</strong>{' '}
              <span className="hint">
                {place}
                {isRequired ? ', required' : ''}
              </span>
            </label>
            <input
              id={`${id}-${name}`}
              value={values[name] ?? ''}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => change(name, event.target.value)}
            />
            <span>
              <About text={about} /> <span className="hint">{typeText(schema)}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** One for each example of a body, or one. */
function Commands({
  operation,
  values,
}: {
  readonly operation: ApiOperation;
  readonly values: Values;
}): React.JSX.Element {
  const hub = new URL('.', document.baseURI).href;
  const examples = operation.bodies.flatMap(({ mediaType, examples: own }) =>
    own.map(({ name, value }) => ({ name, body: { mediaType, value } })),
  );
  if (examples.length === 0)
    return (
      <>
        <h3>Command</h3>
        <CodeBlock label="command" text={curlOf(hub, operation, values)} canCopy />
      </>
    );
  return (
    <>
      {examples.map(({ name, body }) => (
        <section key={`${body.mediaType} ${name}`}>
          <h3>Command, {name}</h3>
          <CodeBlock label={`command ${name}`} text={curlOf(hub, operation, values, body)} canCopy />
        </section>
      ))}
    </>
  );
}

function Answer({ answer: { status, about, content } }: { readonly answer: ApiAnswer }): React.JSX.Element {
  const isProblem = content.some(({ mediaType }) => mediaType === 'application/problem+json');
  const forms = content.filter(({ mediaType }) => mediaType !== 'application/problem+json');
  return (
    <details className="answer" open={!isProblem}>
      <summary>
        <strong>{status}</strong> <span className="hint">{isProblem ? codesIn(about) : about}</span>
      </summary>
      {isProblem ? (
        <p className="prose">
          <About text={about} />
        </p>
      ) : null}
      {forms.map((form) => (
        <Form key={form.mediaType} status={status} form={form} />
      ))}
    </details>
  );
}

function Form({ status, form }: { readonly status: string; readonly form: ApiContent }): React.JSX.Element {
  return (
    <>
      <p className="hint">{form.mediaType}</p>
      <SchemaView label={`Answer ${status}, ${form.mediaType}`} schema={form.schema} />
    </>
  );
}

/** The codes of which a description says what they mean. */
function codesIn(about: string): string {
  return [...about.matchAll(/^`([\w-]+)`/gm)].map(([, code = '']) => code).join(', ');
}

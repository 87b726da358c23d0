import { Link, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type ApiDocument, apiOf, type MessageDocument, messagesOf } from './api-document.ts';
import { OperationView } from './operation-view.tsx';
import { SchemaView } from './schema-view.tsx';
import { useDocument } from './use-document.ts';

/** What the hub offers to programs, made of the two documents in which it describes itself. */
export function ApiScreen(): React.JSX.Element {
  const openApi = useDocument('/v1/openapi.json');
  const asyncApi = useDocument('/v1/asyncapi.json');
  const { show } = useSearch({ from: '/api' });
  const api = useMemo(() => openApi.body && apiOf(openApi.body), [openApi.body]);
  const socket = useMemo(() => asyncApi.body && messagesOf(asyncApi.body), [asyncApi.body]);
  const problem = openApi.problem ?? asyncApi.problem;
  return (
    <div className="api" aria-busy={api === undefined && problem === undefined}>
      <div className="api-head">
        <h1>API</h1>
        <p className="hint">
          For machines: <a href="v1/openapi.json">OpenAPI</a> and <a href="v1/asyncapi.json">AsyncAPI</a>.
        </p>
        {problem === undefined ? null : <p role="alert">{problem}</p>}
      </div>
      {api === undefined || socket === undefined ? null : (
        <>
          <Index api={api} socket={socket} shown={show} />
          <Shown api={api} socket={socket} show={show} key={show} />
        </>
      )}
    </div>
  );
}

interface IndexProps {
  readonly api: ApiDocument;
  readonly socket: MessageDocument;
  readonly shown: string | undefined;
}

function Index({ api, socket, shown }: IndexProps): React.JSX.Element {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (...texts: readonly string[]): boolean => {
    const all = texts.join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const groups = api.groups.map(({ name, operations }) => ({
    name,
    items: operations
      .filter(({ id, method, path, summary }) => matches(name, id, method, path, summary))
      .map(({ id, method, summary }) => ({ show: id, name: summary, hint: method })),
  }));
  const messages = socket.messages
    .filter(({ name, title }) => matches('messages', name, title))
    .map(({ name, title }) => ({ show: `message:${name}`, name: title, hint: '' }));
  const schemas = Object.keys({ ...socket.schemas, ...api.schemas })
    .filter((name) => matches('schemas', name))
    .toSorted()
    .map((name) => ({ show: `schema:${name}`, name, hint: '' }));
  const all = [...groups, { name: 'Messages', items: messages }, { name: 'Schemas', items: schemas }];
  return (
    <nav className="api-index" aria-label="API">
      <input
        data-query
        aria-label="Find in the API"
        placeholder="Find…"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      {all
        .filter(({ items }) => items.length > 0)
        .map(({ name, items }) => (
          <section key={name}>
            <h2>{name}</h2>
            <ul>
              {items.map((item) => (
                <li key={item.show}>
                  <Link to="/api" search={{ show: item.show }} aria-current={item.show === shown ? 'page' : undefined}>
                    {item.hint === '' ? null : (
                      <span className="method" data-method={item.hint}>
                        {item.hint}
                      </span>
                    )}
                    <span>{item.name}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </nav>
  );
}

interface ShownProps {
  readonly api: ApiDocument;
  readonly socket: MessageDocument;
  readonly show: string | undefined;
}

/** Made anew for each that is shown. */
function Shown(props: ShownProps): React.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const isChosen = props.show !== undefined;
  // on a narrow page the list is below
  useEffect(() => {
    if (isChosen) place.current?.scrollIntoView({ block: 'start' });
  }, [isChosen]);
  return (
    <div className="api-shown" ref={place} tabIndex={0} role="region" aria-label="Chosen">
      <Content {...props} />
    </div>
  );
}

function Content({ api, socket, show }: ShownProps): React.JSX.Element {
  const [kind = '', name = ''] = show?.split(':') ?? [];
  const operation = api.groups.flatMap(({ operations }) => operations).find(({ id }) => id === show);
  if (operation !== undefined) return <OperationView operation={operation} />;
  const message = kind === 'message' ? socket.messages.find((each) => each.name === name) : undefined;
  const schema = kind === 'schema' ? (api.schemas[name] ?? socket.schemas[name]) : message?.schema;
  if (schema !== undefined)
    return (
      <article>
        <h2>{message?.title ?? name}</h2>
        {typeof schema['description'] === 'string' ? <p>{schema['description']}</p> : null}
        <SchemaView label={name} schema={schema} />
      </article>
    );
  return (
    <article>
      <h2>What there is</h2>
      <dl className="facts">
        {api.groups.map(({ name: group, about }) => (
          <div key={group} className="fact">
            <dt>{group}</dt>
            <dd>{about}</dd>
          </div>
        ))}
      </dl>
      <h3>Channels</h3>
      <p className="hint">What a subscription or stream may name.</p>
      <ul className="channel-list">
        {socket.channels.map((channel) => (
          <li key={channel}>
            <code>{channel}</code>
          </li>
        ))}
      </ul>
    </article>
  );
}

import type { Json } from '../ui/json.ts';
import type { ApiOperation } from './api-document.ts';

/** Values by the names of parameters; empty ones are left out. */
export type Values = Readonly<Record<string, string>>;

/** The examples of an operation: of parameters in its path and query, and of headers without which it is refused. */
export function exampleValues({ parameters }: ApiOperation): Values {
  const sent = parameters.filter(({ place, isRequired }) => place !== 'header' || isRequired);
  return Object.fromEntries(sent.map(({ name, example }) => [name, example]));
}

/** Path and query of a request. */
export function addressOf({ path, parameters }: ApiOperation, values: Values): string {
  const valueOf = (name: string): string => values[name] ?? '';
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(valueOf(name)));
  const query = new URLSearchParams(
    parameters.flatMap(({ name, place }) => (place === 'query' && valueOf(name) !== '' ? [[name, valueOf(name)]] : [])),
  );
  return query.size === 0 ? filled : `${filled}?${query}`;
}

/** For a shell: everything between two quotes is as it stands. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export interface CurlBody {
  readonly mediaType: string;
  readonly value: Json;
}

/** A command that sends the request. The token is a variable: a command ends up in histories. */
export function curlOf(hub: string, operation: ApiOperation, values: Values, body?: CurlBody): string {
  const { method, needsToken, parameters, answers } = operation;
  const address = `${hub.replace(/\/$/, '')}${addressOf(operation, values)}`;
  const streams = answers.some(({ content }) => content.some(({ mediaType }) => mediaType === 'text/event-stream'));
  const headers = parameters.flatMap(({ name, place }) =>
    place === 'header' && (values[name] ?? '') !== '' ? [`-H ${quoted(`${name}: ${values[name]}`)}`] : [],
  );
  const lines = [
    `curl ${streams ? '-N ' : ''}-s ${method === 'GET' || (method === 'POST' && body !== undefined) ? '' : `-X ${method} `}${quoted(address)}`,
    ...(needsToken ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...headers,
    ...(body === undefined
      ? []
      : [`-H ${quoted(`content-type: ${body.mediaType}`)}`, `-d ${quoted(JSON.stringify(body.value, null, 2))}`]),
  ];
  return lines.join(' \\\n  ');
}

import { assertDescribed } from './api-description.ts';

/** Calls the HTTP API of a hub under test, whose address may have a path; its answer must be as the hub describes it. */
export async function callApi(
  url: string,
  path: string,
  options: {
    readonly token?: string;
    readonly method?: string;
    readonly body?: BodyInit;
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<{ readonly status: number; readonly body: unknown; readonly text: string }> {
  const { token, method = options.body === undefined ? 'GET' : 'POST', body, headers = {}, signal } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const contentType = response.headers.get('content-type') ?? '';
  const [pathname = ''] = path.split('?');
  const isJson = contentType.includes('json') && !contentType.includes('ndjson');
  const isOfProxy = !response.ok && !isJson && /^(nginx|envoy)/.test(response.headers.get('server') ?? '');
  if (!isOfProxy) await assertDescribed({ method, path: pathname, status: response.status, contentType, text });
  return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text, text };
}

/** Posts one CloudEvent. */
export async function postCloudEvent(
  url: string,
  connector: string,
  token: string,
  event: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return callApi(url, `/v1/ingest/${connector}`, {
    token,
    body: JSON.stringify({ specversion: '1.0', source: '/test', ...event }),
    headers: { 'content-type': 'application/cloudevents+json' },
  });
}

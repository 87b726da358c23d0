import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonValue } from '../../channels/event/json.ts';
import { assertDescribed } from '../harness/api-description.ts';
import { clusterEnvironment } from '../harness/cluster-environment.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { eventually } from '../harness/eventually.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { createTopics } from '../harness/kafka-topics.ts';
import { describeWithServices } from '../setup/services.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly example?: JsonValue;
  readonly content?: Readonly<Record<string, { readonly example?: JsonValue }>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly examples?: Readonly<Record<string, { value: JsonValue }>> }>>;
  };
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

/** What needs Kafka. */
const inCluster = ['beginEpoch', 'resetConnector'];
/** What needs more than a hub alone: a baseline, or a code from the console of the hub. */
const elsewhere = new Set([...inCluster, 'importBaseline', 'signIn', 'getSessionToken', 'signOut']);
/** Streams do not end by themselves: their head and their beginning count. */
const endless = new Set(['openStream', 'getEvents', 'graphqlStream']);

const token = tokenFor({ sub: 'ada', roles: ['all'] });
const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:demo', scheme: 'pii' }],
  policy: {
    version: 1,
    roles: {
      all: ['read', 'write', 'declassify', 'ingest', 'administer', 'operate'].map((allow) => ({ allow })),
    },
  },
};

/** The requests of an operation: one for each example of its body, or one. */
function requestsOf(method: string, template: string, operation: Operation, ids: Readonly<Record<string, string>>) {
  const [path, query, headers] = [template, new URLSearchParams(), new Headers({ authorization: `Bearer ${token}` })];
  let filled = path;
  for (const { name, in: place, required = false, example, content } of operation.parameters) {
    const value = content === undefined ? example : content['application/json']?.example;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(ids[operation.operationId] ?? text));
    else if (value !== undefined && place === 'query') query.set(name, text);
    else if (required) headers.set(name, text);
  }
  const bodies = Object.entries(operation.requestBody?.content ?? {}).flatMap(([mediaType, { examples = {} }]) =>
    Object.entries(examples).map(([name, { value }]) => ({ name, mediaType, body: JSON.stringify(value) })),
  );
  const address = `${filled}${query.size === 0 ? '' : `?${query}`}`;
  const common = { method: method.toUpperCase(), path: filled, address };
  if (bodies.length === 0) return [{ ...common, name: '', headers, body: undefined }];
  return bodies.map(({ name, mediaType, body }) => {
    const own = new Headers(headers);
    own.set('content-type', mediaType);
    return { ...common, name, headers: own, body };
  });
}

/** Of a stream that does not end its beginning. */
async function send(
  url: string,
  { method, address, headers, body }: ReturnType<typeof requestsOf>[number],
  isEndless: boolean,
): Promise<{ readonly status: number; readonly contentType: string; readonly text: string }> {
  const ended = new AbortController();
  const { signal } = ended;
  const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
  const response = await fetch(`${url}${address}`, init);
  const facts = { status: response.status, contentType: response.headers.get('content-type') ?? '' };
  if (!isEndless) return { ...facts, text: await response.text() };
  const reader = response.body?.getReader();
  const first = await Promise.race([reader?.read(), pause(2000)]);
  ended.abort();
  const text = Buffer.from(first?.value ?? []).toString();
  return { ...facts, text: text.slice(0, text.lastIndexOf('\n') + 1) };
}

describe('the examples of /v1/openapi.json', () => {
  const folder = scratchFolder();
  let hub: HubProcess;
  let document: Document;

  beforeAll(async () => {
    hub = await startHubProcess({ dataDir: folder.path, file });
    const asset = {
      ...{ type: 'table', name: 'orders', domain: 'retail', owners: ['bob'] },
      classifications: [{ scheme: 'pii', name: 'email', state: 'suggested', origin: 'automated' }],
      columns: [
        { name: 'email', classifications: [{ scheme: 'pii', name: 'email', state: 'suggested', origin: 'automated' }] },
      ],
    };
    const event = { id: 'scan', type: 'gov.asset.updated', subject: 'orders', data: { asset } };
    expect(await postCloudEvent(hub.url, 'events', token, event)).toMatchObject({ status: 200 });
    const wrong = { type: 'gov.asset.updated', subject: 'orders', data: { asset: { type: 7 } } };
    for (const id of ['wrong1', 'wrong2', 'wrong3'])
      expect(await postCloudEvent(hub.url, 'events', token, { id, ...wrong })).toMatchObject({ status: 400 });
    const incident = { id: 'late', type: 'gov.incident.changed', subject: 'late', data: { subject: 'orders' } };
    expect(await postCloudEvent(hub.url, 'events', token, incident)).toMatchObject({ status: 200 });
    document = (await callApi(hub.url, '/v1/openapi.json')).body as unknown as Document;
  });
  const reading: Promise<string>[] = [];
  afterAll(async () => {
    await hub.stop();
    await Promise.all(reading);
    folder.remove();
  });

  const listed = async (path: string, name: string): Promise<readonly string[]> => {
    const { body } = await callApi(hub.url, path, { token });
    const list = isJsonObject(body) ? body[name] : undefined;
    return (list as readonly { id: string }[]).map(({ id }) => id);
  };

  const post = async (path: string, body: object): Promise<Readonly<Record<string, { readonly urn: string }>>> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await callApi(hub.url, path, { token, headers, body: JSON.stringify(body) });
    expect(answer.status, answer.text).toBe(201);
    return answer.body as Readonly<Record<string, { readonly urn: string }>>;
  };

  /** A job that has ended, or is planned. */
  const begun = async (path: string, mediaType: string, said: string): Promise<string> => {
    const headers = { 'content-type': mediaType };
    const { body, text } = await callApi(hub.url, path, { token, headers, body: said });
    const { id } = body as { readonly id: string };
    await eventually(async () => {
      expect((await callApi(hub.url, `/v1/jobs/${id}`, { token })).text, text).toMatch(/"state":"(planned|done)"/);
    });
    return id;
  };

  const jobsEnded = (): Promise<void> =>
    eventually(async () => {
      expect((await callApi(hub.url, '/v1/jobs', { token })).text).not.toMatch(/"state":"(pending|running)"/);
    });

  /** One that can be committed, one that can be cancelled, and one with content. */
  const jobsHere = async (): Promise<Readonly<Record<string, string>>> => {
    const dryRun = ['/v1/imports?format=ndjson&dryRun=true', 'application/x-ndjson', '{"urn":"x"}'] as const;
    const [commitJob, cancelJob] = [await begun(...dryRun), await begun(...dryRun)];
    const getExportContent = await begun('/v1/exports', 'application/json', '{"format":"ndjson"}');
    return { commitJob, getJob: commitJob, getImportResults: cancelJob, cancelJob, getExportContent };
  };

  /** Ids that the hub chooses take the places of those in the examples. */
  const idsHere = async (): Promise<Readonly<Record<string, string>>> => {
    const created = await callApi(hub.url, '/v1/assets', {
      ...{ token, body: JSON.stringify({ name: 'x', type: 'report' }) },
      headers: { 'content-type': 'application/json' },
    });
    const { asset } = created.body as { asset: { urn: string } };
    const orders = 'urn:gov:demo:orders';
    const edge = { type: 'joins', from: orders, to: orders };
    const { relationship } = await post('/v1/relationships', edge);
    for (const [path, body] of [
      ['/v1/definitions', { scheme: 'geo', name: 'city' }],
      ['/v1/terms', { id: 'balance', name: 'Balance' }],
      ['/v1/domains', { id: 'retail', name: 'Retail' }],
      ['/v1/teams', { id: 'payments', name: 'Payments' }],
    ] as const)
      await post(path, body);
    const edges = ['getRelationship', 'patchRelationship', 'replaceRelationship', 'deleteRelationship'];
    const [getDeadLetter = '', retryDeadLetter = '', discardDeadLetter = ''] = await listed(
      '/v1/deadletters',
      'deadLetters',
    );
    const stream = await fetch(`${hub.url}/v1/stream?channel=assets`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(stream.status).toBe(200);
    // who does not read is closed, and a stream that nobody holds is collected
    reading.push(stream.text().catch(() => ''));
    const [disconnectSession = ''] = await listed('/v1/sessions', 'sessions');
    const ofEdge = Object.fromEntries(edges.map((id) => [id, relationship?.urn ?? '']));
    const ofJobs = await jobsHere();
    return {
      ...ofEdge,
      ...ofJobs,
      deleteAsset: asset.urn,
      getDeadLetter,
      retryDeadLetter,
      discardDeadLetter,
      disconnectSession,
    };
  };

  it('W24: each of them is answered as described, with success', { timeout: 60_000 }, async () => {
    const ids = await idsHere();
    const sent: string[] = [];
    for (const [template, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods)) {
        if (elsewhere.has(operation.operationId)) continue;
        for (const request of requestsOf(method, template, operation, ids)) {
          if (['createImport', 'createExport'].includes(operation.operationId)) await jobsEnded();
          const name = `${operation.operationId} ${request.name}`;
          const { status, contentType, text } = await send(hub.url, request, endless.has(operation.operationId));
          const { path } = request;
          await assertDescribed({ method: request.method, path: decodeURI(path), status, contentType, text });
          // what was rejected is rejected again
          if (operation.operationId === 'retryDeadLetter') expect(status, text).toBe(400);
          else expect([name, status < 300 ? 'ok' : text]).toEqual([name, 'ok']);
          sent.push(name);
        }
      }
    expect(sent.length).toBeGreaterThan(35);
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'the examples that need Kafka', (urls) => {
  it('W24: each of them is answered as described, with success', { timeout: 120_000 }, async () => {
    const folder = scratchFolder();
    const topic = `examples-${randomUUID().slice(0, 8)}`;
    await createTopics(urls.kafka, { [topic]: 1 });
    const connectors = file.connectors.map((each) => ({ ...each, topic, kafka: { brokers: [urls.kafka] } }));
    const hub = await startHubProcess({
      ...{ dataDir: folder.path, file: { ...file, connectors } },
      environment: clusterEnvironment(urls, topic),
    });
    try {
      const document = (await callApi(hub.url, '/v1/openapi.json')).body as unknown as Document;
      const sent: string[] = [];
      for (const [template, methods] of Object.entries(document.paths))
        for (const [method, operation] of Object.entries(methods))
          for (const request of inCluster.includes(operation.operationId)
            ? requestsOf(method, template, operation, {})
            : []) {
            const { status, contentType, text } = await send(hub.url, request, false);
            await assertDescribed({ method: request.method, path: request.path, status, contentType, text });
            expect([operation.operationId, status, text]).toEqual([operation.operationId, 200, text]);
            sent.push(operation.operationId);
          }
      expect(sent.toSorted()).toEqual(inCluster);
    } finally {
      await hub.stop();
      folder.remove();
    }
  });
});

import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { errorCodes } from '../../channels/protocol/error-code.ts';
import { routesOf } from '../../test/harness/all-routes.ts';
import { type ApiDescription, apiDescription } from '../../test/harness/api-description.ts';
import type { HttpResponse } from '../transport/http.ts';
import { templateOf } from './openapi-document.ts';
import { errorsOf } from './openapi-operation.ts';

interface Operation extends JsonObject {
  readonly operationId: string;
}

describe('/v1/openapi.json', () => {
  let api: ApiDescription;
  let operations: ReadonlyMap<string, Operation>;
  beforeAll(async () => {
    api = await apiDescription();
    operations = new Map(
      Object.entries(api.document['paths'] as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
      ),
    );
  });

  it('W24: is a valid document of OpenAPI 3.1', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(api.document)));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('W24: describes every route that is served, and no other; pages for browsers are not part of the API', async () => {
    const served = (await routesOf()).filter(
      ({ path }) =>
        path.startsWith('/v1/') || !/^\/($|api$|assets|_ui|inbox|live|ops|views|settings|concepts)/.test(path),
    );
    const names = served.map(({ method, path }) => `${method} ${templateOf(path)}`);
    expect([...operations.keys()].toSorted()).toEqual(names.toSorted());
    for (const raw of [
      'GET /metrics',
      'GET /readyz',
      'POST /v1/ingest/{connector}',
      'GET /v1/stream',
      'GET /v1/events',
    ])
      expect(operations.has(raw), raw).toBe(true);
    const ids = [...operations.values()].map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes a process with some components by what it serves', async () => {
    const routes = await routesOf('search');
    const served = routes.find(({ path }) => path === '/v1/openapi.json');
    const response = (await served?.respond({ http: { headers: {} }, params: {} } as never)) as HttpResponse;
    const { paths } = JSON.parse(String(response.body)) as { paths: object };
    expect(Object.keys(paths).filter((path) => path.startsWith('/v1/'))).toEqual([
      '/v1/search',
      '/v1/search/index',
      '/v1/search/index/rebuild',
      '/v1/search/index/verify',
      '/v1/errors/{code}',
      '/v1/openapi.json',
      '/v1/asyncapi.json',
    ]);
    const again = { http: { headers: { 'if-none-match': response.headers?.['etag'] } }, params: {} };
    expect(await served?.respond(again as never)).toMatchObject({ status: 304 });
  });

  it('has nothing that generators of clients are known not to read', () => {
    const text = JSON.stringify(api.document);
    expect(text).toContain('"prefixItems":[{"type":"integer"');
    expect(text).not.toContain('"items":false');
    // members of objects beside a reference
    expect(text).not.toMatch(/"\$ref":"[^"]*","properties"/);
  });

  it('every refusal is a problem whose codes are listed by status, and whoever needs a token is told', () => {
    for (const route of api.routes) {
      const operation = operations.get(`${route.method} ${templateOf(route.path)}`);
      const responses = operation?.['responses'] as Record<
        string,
        { content?: Record<string, { schema: JsonObject }> }
      >;
      for (const code of errorsOf(route)) {
        const schema = responses[errorCodes[code].status]?.content?.['application/problem+json']?.schema;
        const [, own] = (schema?.['allOf'] ?? []) as { properties: { code: { enum: string[] } } }[];
        expect(own?.properties.code.enum, `${route.path} ${code}`).toContain(code);
      }
      expect(operation?.['security'], route.path).toEqual(
        route.access === 'public' ? [] : expect.arrayContaining([{ bearer: [] }]),
      );
    }
  });

  it('every parameter in a path, and every body that must be there, has an example', () => {
    for (const [name, operation] of operations) {
      for (const parameter of operation['parameters'] as readonly JsonObject[])
        if (parameter['in'] === 'path') expect(parameter['example'], name).toEqual(expect.any(String));
      const body = operation['requestBody'];
      if (!isJsonObject(body)) continue;
      const contents = Object.values(body['content'] as Record<string, JsonObject>);
      if (name !== 'POST /v1/session' && name !== 'POST /v1/session/token')
        expect(contents.some(({ examples }) => examples !== undefined) || name.includes('import'), name).toBe(true);
    }
  });
});

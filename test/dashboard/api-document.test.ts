import { beforeAll, describe, expect, it } from 'vitest';
import { asyncApiDocument } from '../../server/contracts/asyncapi-document.ts';
import { apiDescription } from '../harness/api-description.ts';
import { type ApiDocument, type ApiOperation, apiOf, messagesOf } from '../../dashboard/api/api-document.ts';
import { addressOf, curlOf, exampleValues } from '../../dashboard/api/curl.ts';
import { namesIn, typeText } from '../../dashboard/api/schema-text.ts';

describe('what a hub says of itself, as the screen reads it', () => {
  let api: ApiDocument;
  const all = (): readonly ApiOperation[] => api.groups.flatMap(({ operations }) => operations);
  const operation = (id: string): ApiOperation => {
    const found = all().find((each) => each.id === id);
    if (found === undefined) throw new Error(`no ${id}`);
    return found;
  };
  beforeAll(async () => {
    api = apiOf((await apiDescription()).document);
  });

  it('U10: every operation is in a group, with a summary, and answers', async () => {
    const { routes } = await apiDescription();
    expect(
      all()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(routes.map(({ contract }) => contract.id).toSorted());
    for (const { summary, answers } of all()) expect([summary.length > 0, answers.length > 0]).toEqual([true, true]);
    expect(operation('getMe').needsToken).toBe(true);
    expect(operation('getOpenApi').needsToken).toBe(false);
  });

  it('a command has the examples, no token, and quotes what a shell would read', () => {
    const list = operation('listAssets');
    expect(addressOf(list, exampleValues(list))).toBe(
      '/v1/assets?filter=%7B%22domain%22%3A%22retail%22%7D&sort=-name&fields=urn%2Cname%2Cowners&limit=20',
    );
    const patch = operation('patchAsset');
    const [merge] = patch.bodies;
    const value = { description: "Ada's orders; $(rm -rf ~)" };
    const command = curlOf('http://hub/', patch, exampleValues(patch), { mediaType: merge?.mediaType ?? '', value });
    expect(command).toBe(
      [
        `curl -s -X PATCH 'http://hub/v1/assets/urn%3Agov%3Ademo%3Aorders'`,
        `-H "authorization: Bearer $TOKEN"`,
        `-H 'content-type: application/merge-patch+json'`,
        `-d '{\n  "description": "Ada'\\''s orders; $(rm -rf ~)"\n}'`,
      ].join(' \\\n  '),
    );
    const remove = operation('deleteAsset');
    expect(curlOf('http://hub', remove, exampleValues(remove))).toContain(`-X DELETE 'http://hub/v1/assets/`);
    expect(curlOf('http://hub', remove, exampleValues(remove))).toContain(`-H 'if-match: *'`);
    const stream = operation('openStream');
    expect(curlOf('http://hub', stream, exampleValues(stream))).toMatch(/^curl -N -s '/);
  });

  it('a schema is a type that people read', () => {
    const { schemas } = api;
    expect(typeText(schemas['Owner'] ?? {})).toBe('{\n  id: string;\n  type: "user" | "group";\n  role?: string;\n}');
    expect(typeText({ anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/Owner' }] })).toBe('string | Owner');
    expect(typeText({ type: 'array', items: { enum: ['a', 'b'] } })).toBe('("a" | "b")[]');
    expect(typeText({ type: ['string', 'null'] })).toBe('string | null');
    expect(typeText({ type: 'array', prefixItems: [{ type: 'integer' }, { type: 'integer' }] })).toBe(
      '[integer, integer]',
    );
    expect(typeText({ type: 'object', additionalProperties: {} })).toBe('{\n  [key: string]: any;\n}');
    expect(typeText({})).toBe('any');
    for (const [name, schema] of Object.entries(schemas)) expect([name, typeText(schema)]).not.toEqual([name, 'any']);
    const named = [
      ...Object.values(schemas),
      ...all().flatMap(({ answers, bodies }) =>
        [...answers.flatMap(({ content }) => content), ...bodies].map(({ schema }) => schema),
      ),
    ].flatMap(namesIn);
    for (const name of new Set(named)) expect(Object.keys(schemas)).toContain(name);
  });

  it('U10: messages and channels are those of the sockets', () => {
    const { messages, channels, schemas } = messagesOf(asyncApiDocument({ basePath: '/' }));
    expect(messages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['connect', 'subscribe', 'subscribeAck', 'welcome', 'event']),
    );
    expect(channels).toContain('classification:<scheme>/<name>');
    for (const { name, schema } of messages) {
      expect([name, typeText(schema)]).not.toEqual([name, 'any']);
      for (const each of namesIn(schema)) expect(Object.keys(schemas)).toContain(each);
    }
  });
});

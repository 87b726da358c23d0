import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { downSchemas } from '../../channels/contract/down-schema.ts';
import type { JsonObject, JsonValue } from '../../channels/event/json.ts';
import { channelForms } from '../../channels/subscription/channel-name.ts';
import { asyncApiDocument } from './asyncapi-document.ts';

const require = createRequire(import.meta.url);

function refsIn(value: JsonValue): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, JsonValue]) =>
    key === '$ref' && typeof member === 'string' ? [member] : refsIn(member),
  );
}

describe('/v1/asyncapi.json', () => {
  let document: JsonObject;
  beforeAll(() => {
    document = asyncApiDocument({ basePath: '/hub/' });
  });

  it('W25: is a valid document of AsyncAPI 3.0', () => {
    const schema: object = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
  });

  it('every reference leads to something', () => {
    const refs = refsIn(document);
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of refs) {
      const parts = ref
        .slice(2)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      const target = parts.reduce<unknown>(
        (value, part) => (value as Record<string, unknown> | undefined)?.[part],
        document,
      );
      expect(target, ref).toBeDefined();
    }
  });

  it('W25: has a channel for each form of the grammar, and a message for each event', () => {
    const channels = document['channels'] as Record<string, { readonly address: string; readonly title: string }>;
    const titles = Object.values(channels).map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining([...channelForms]));
    expect(Object.keys(channels).length).toBe(channelForms.length + 3);
    const { messages } = document['components'] as { messages: object };
    expect(Object.keys(messages)).toEqual(
      expect.arrayContaining([...Object.keys(downSchemas), 'connect', 'subscribe']),
    );
  });
});

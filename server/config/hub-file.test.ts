import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../../adapters/formats/formats.ts';
import { developmentFile } from './development-file.ts';
import { parseHubFile, readHubFile } from './hub-file.ts';

const connector = { id: 'lake', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:lake' };
const policy = { roles: { steward: [{ allow: 'read' }] } };

function faultOf(raw: unknown): string {
  try {
    parseHubFile(raw, 'hub.yaml', { formats, environment: { PASSWORD: 'sesame' } });
  } catch (error) {
    expect(error).toMatchObject({ code: 'config-invalid' });
    return (error as Error).message;
  }
  throw new Error('accepted');
}

describe('parseHubFile', () => {
  it.each([
    ['id', { id: 'hub' }, 'must not be hub, which stands for people'],
    ['namespace', { namespace: 'urn:gov:hub' }, 'must not be or contain urn:gov:hub'],
    ['namespace', { namespace: 'urn:gov:hub:mine:' }, 'must not be or contain urn:gov:hub'],
    ['namespace', { namespace: 'urn:gov' }, 'must not be or contain urn:gov:hub'],
    ['writes.0', { writes: ['urn:'] }, 'must not be or contain urn:gov:hub'],
  ])('I8 keeps what people say and create from sources: %s %j', (field, fields, problem) => {
    expect(faultOf({ connectors: [{ ...connector, ...fields }], policy })).toContain(
      `connectors.0.${field}: ${problem}`,
    );
  });

  it('names of others may begin alike', () => {
    const names = { namespace: 'urn:gov:hubs', writes: ['urn:gov:hub2:a'] };
    expect(parseHubFile({ connectors: [{ ...connector, ...names }], policy }, 'hub.yaml', { formats })).toMatchObject({
      connectors: [names],
    });
  });

  it('reads the file of a development hub', () => {
    const file = parseHubFile(developmentFile, 'built in', { formats });
    expect(file.connectors.map(({ id, format, options }) => [id, format.name, options])).toEqual([
      ['events', 'cloudevents', { superTypes: {} }],
      ['atlas', 'atlas', { superTypes: {} }],
    ]);
  });

  it('fills in what may be left out', () => {
    expect(parseHubFile({ connectors: [connector], policy }, 'hub.yaml', { formats })).toMatchObject({
      policy: { version: 1 },
      connectors: [{ writes: [] }],
    });
  });

  it('takes values from the environment, whole values only', () => {
    const kafka = {
      brokers: ['$BROKER', 'b:9092'],
      sasl: { mechanism: 'plain', username: 'u$PASSWORD', password: '$PASSWORD' },
    };
    const file = parseHubFile({ connectors: [{ ...connector, kafka }], policy }, 'hub.yaml', {
      formats,
      environment: { PASSWORD: 'sesame', BROKER: 'a:9092' },
    });
    expect(file.connectors[0]?.kafka).toMatchObject({
      brokers: ['a:9092', 'b:9092'],
      sasl: { username: 'u$PASSWORD', password: 'sesame' },
    });
  });

  it('names every variable that is not set, each once', () => {
    const kafka = { brokers: ['$BROKER'], sasl: { mechanism: 'plain', username: '$WHO', password: '$WHO' } };
    expect(faultOf({ connectors: [{ ...connector, kafka }], policy })).toBe(
      'hub.yaml: $BROKER, $WHO: not set in the environment',
    );
  });

  it.each<[string, unknown]>([
    ['connectors.0.namespace: must begin with "urn:"', { connectors: [{ ...connector, namespace: 'gov' }], policy }],
    ['connectors.0.id: must be 1-63 of', { connectors: [{ ...connector, id: 'Lake!' }], policy }],
    ['connectors.0.format: ', { connectors: [{ ...connector, format: 'xml' }], policy }],
    ['connectors.0.superTypes.IBAN: ', { connectors: [{ ...connector, superTypes: { IBAN: 'PII' } }], policy }],
    ['connectors.1.tenant: ', { connectors: [connector, { ...connector, id: 'b', tenant: undefined }], policy }],
    ['Unrecognized key: "topik"', { connectors: [{ ...connector, topik: 'x' }], policy }],
    ['connectors: id lake is used twice', { connectors: [connector, { ...connector, tenant: 'globex' }], policy }],
    [
      'policy.roles.steward.0: must have exactly one of allow and deny',
      { connectors: [], policy: { roles: { steward: [{}] } } },
    ],
    [
      'policy.roles.steward[1].where: filter.domian: unknown field',
      {
        connectors: [],
        policy: { roles: { steward: [{ allow: 'read' }, { allow: 'read', where: { domian: 'x' } }] } },
      },
    ],
    ['policy: ', { connectors: [] }],
    ['file: ', null],
  ])('names what is wrong: %s', (problem, raw) => {
    expect(faultOf(raw)).toContain('hub.yaml: ');
    expect(faultOf(raw)).toContain(problem);
  });

  it('names all wrong fields at once', () => {
    expect(faultOf({ connectors: [{ ...connector, id: '!', namespace: 'x' }], policy: {} }).split('; ')).toHaveLength(
      3,
    );
  });
});

describe('readHubFile', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'hub-file-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads YAML', () => {
    const file = join(folder, 'hub.yaml');
    writeFileSync(file, 'connectors: []\npolicy:\n  roles:\n    bot: [{ allow: read, kinds: [alert] }]\n');
    expect(readHubFile(file, { formats }).policy.roles['bot']).toEqual([{ allow: 'read', kinds: ['alert'] }]);
  });

  it('names the file that is missing or no YAML', () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, 'connectors: [');
    for (const file of [broken, join(folder, 'none.yaml')]) {
      expect(() => readHubFile(file, { formats })).toThrow(
        expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining(file) }),
      );
    }
  });
});

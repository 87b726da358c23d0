import { isRecord, type Json, type JsonRecord, recordOf, recordsOf, textOf } from '../ui/json.ts';

/** One parameter of an operation. */
export interface ApiParameter {
  readonly name: string;
  readonly place: 'path' | 'query' | 'header';
  readonly isRequired: boolean;
  readonly about: string;
  readonly schema: JsonRecord;
  /** As it stands in an address or header; empty where there is none. */
  readonly example: string;
}

/** One form of a body. */
export interface ApiContent {
  readonly mediaType: string;
  readonly schema: JsonRecord;
  readonly examples: readonly { readonly name: string; readonly value: Json }[];
}

export interface ApiAnswer {
  readonly status: string;
  readonly about: string;
  readonly content: readonly ApiContent[];
}

export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly about: string;
  readonly needsToken: boolean;
  readonly parameters: readonly ApiParameter[];
  readonly bodies: readonly ApiContent[];
  readonly answers: readonly ApiAnswer[];
}

export interface ApiGroup {
  readonly name: string;
  readonly about: string;
  readonly operations: readonly ApiOperation[];
}

/** What a screen shows of an OpenAPI document. */
export interface ApiDocument {
  readonly groups: readonly ApiGroup[];
  readonly schemas: Readonly<Record<string, JsonRecord>>;
}

const places = ['path', 'query', 'header'] as const;

function textOfExample(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parameterOf(raw: JsonRecord): ApiParameter {
  const content = recordOf(recordOf(raw['content'])['application/json']);
  const isJson = isRecord(raw['content']);
  const example = isJson ? content['example'] : raw['example'];
  return {
    name: textOf(raw['name']),
    place: places.find((each) => each === raw['in']) ?? 'query',
    isRequired: raw['required'] === true,
    about: textOf(raw['description']),
    schema: recordOf(isJson ? content['schema'] : raw['schema']),
    example: isJson && example !== undefined ? JSON.stringify(example) : textOfExample(example),
  };
}

function contentOf(raw: Json | undefined): readonly ApiContent[] {
  return Object.entries(recordOf(raw)).map(([mediaType, value]) => {
    const { schema, examples } = recordOf(value);
    return {
      mediaType,
      schema: recordOf(schema),
      examples: Object.entries(recordOf(examples)).map(([name, each]) => ({
        name,
        value: recordOf(each)['value'] ?? null,
      })),
    };
  });
}

function operationOf(method: string, path: string, raw: JsonRecord): ApiOperation {
  return {
    id: textOf(raw['operationId']),
    method: method.toUpperCase(),
    path,
    summary: textOf(raw['summary']),
    about: textOf(raw['description']),
    needsToken: recordsOf(raw['security']).length > 0,
    parameters: recordsOf(raw['parameters']).map(parameterOf),
    bodies: contentOf(recordOf(raw['requestBody'])['content']),
    answers: Object.entries(recordOf(raw['responses'])).map(([status, value]) => {
      const { description, content } = recordOf(value);
      return { status, about: textOf(description), content: contentOf(content) };
    }),
  };
}

/** Reads an OpenAPI document of the hub. */
export function apiOf(document: JsonRecord): ApiDocument {
  const all = Object.entries(recordOf(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(recordOf(methods)).map(([method, value]) => {
      const raw = recordOf(value);
      const [tag] = Array.isArray(raw['tags']) ? raw['tags'] : [];
      return { tag: textOf(tag), operation: operationOf(method, path, raw) };
    }),
  );
  const groups = recordsOf(document['tags']).map((tag) => ({
    name: textOf(tag['name']),
    about: textOf(tag['description']),
    operations: all.flatMap(({ tag: own, operation }) => (own === tag['name'] ? [operation] : [])),
  }));
  return { groups, schemas: schemasIn(document) };
}

function schemasIn(document: JsonRecord): ApiDocument['schemas'] {
  const { schemas } = recordOf(document['components']);
  return Object.fromEntries(Object.entries(recordOf(schemas)).map(([name, value]) => [name, recordOf(value)]));
}

export interface ApiMessage {
  readonly name: string;
  readonly title: string;
  readonly schema: JsonRecord;
}

/** What a screen shows of an AsyncAPI document. */
export interface MessageDocument {
  readonly messages: readonly ApiMessage[];
  /** What a subscription may name. */
  readonly channels: readonly string[];
  readonly schemas: ApiDocument['schemas'];
}

/** Reads an AsyncAPI document of the hub. */
export function messagesOf(document: JsonRecord): MessageDocument {
  const { messages } = recordOf(document['components']);
  const channels = Object.values(recordOf(document['channels'])).map(recordOf);
  return {
    messages: Object.entries(recordOf(messages)).map(([name, value]) => {
      const { title, payload } = recordOf(value);
      return { name, title: textOf(title), schema: recordOf(payload) };
    }),
    channels: channels.flatMap(({ servers, title }) => (servers === undefined ? [textOf(title)] : [])),
    schemas: schemasIn(document),
  };
}

import { z } from 'zod';
import { ackSchemas, downSchemas } from '../../channels/contract/down-schema.ts';
import { eventSchema } from '../../channels/contract/event-schema.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import {
  authenticateSchema,
  connectSchema,
  searchSchema,
  subscribeSchema,
  unsearchSchema,
  unsubscribeSchema,
} from '../../channels/protocol/up-schema.ts';
import { searchRequestSchema } from '../../channels/search/search-request.ts';
import { channelForms } from '../../channels/subscription/channel-name.ts';
import { SchemaCatalog } from './schema-catalog.ts';

const description = `What goes over a connection to PurSight Hub, as the hub sees it: it receives requests, and sends events.
A WebSocket speaks Socket.IO protocol 5 in JSON: a message is the event of its name with one payload, and a request is answered
by an acknowledgement. The streams over HTTP carry the same events. The document that counts is docs/protocol.md.`;

/** What clients send after CONNECT, by the name of the event. */
const upSchemas = {
  subscribe: subscribeSchema,
  unsubscribe: unsubscribeSchema,
  authenticate: authenticateSchema,
  search: z.strictObject({ ...searchSchema.shape, ...searchRequestSchema.shape }),
  unsearch: unsearchSchema,
} satisfies Record<keyof typeof ackSchemas, z.ZodType>;

const streams = {
  stream: { path: '/v1/stream', about: 'The same messages as server-sent events, each with its name as type.' },
  eventLines: { path: '/v1/events', about: 'The events of a feed as lines of JSON.' },
} as const;

function messagesOf(schemas: SchemaCatalog): JsonObject {
  const message = (name: string, title: string, schema: z.ZodType): JsonObject => ({
    ...{ name, title, contentType: 'application/json', payload: schemas.of(schema) },
  });
  return Object.fromEntries([
    ['connect', message('connect', 'Payload of the CONNECT packet', connectSchema)],
    ...Object.entries<z.ZodType>(upSchemas).map(([name, schema]) => [name, message(name, `Request ${name}`, schema)]),
    ...Object.entries<z.ZodType>(ackSchemas).map(([name, schema]) => [
      `${name}Ack`,
      message(`${name}Ack`, `Acknowledgement of ${name}`, schema),
    ]),
    ...Object.entries<z.ZodType>(downSchemas).map(([name, schema]) => [name, message(name, `Event ${name}`, schema)]),
    ['event', message('event', 'One event of an entity', eventSchema)],
  ]);
}

const reference = (...path: readonly string[]): JsonObject => ({
  $ref: `#/${path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
});

function messageReferences(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, reference('components', 'messages', name)]));
}

const upNames = Object.keys(upSchemas);
const downNames = Object.keys(downSchemas);
const ackNames = Object.keys(ackSchemas).map((name) => `${name}Ack`);

function sessionChannel(): JsonObject {
  const query = {
    type: 'object',
    properties: { EIO: { const: '4' }, transport: { const: 'websocket' } },
    required: ['EIO', 'transport'],
  };
  return {
    address: 'socket.io/',
    title: 'A session',
    servers: [reference('servers', 'websocket')],
    messages: messageReferences(['connect', ...upNames, ...ackNames, ...downNames]),
    bindings: { ws: { method: 'GET', query, bindingVersion: '0.1.0' } },
  };
}

function streamChannel({ path, about }: (typeof streams)[keyof typeof streams], names: readonly string[]): JsonObject {
  return {
    ...{ address: path.slice(1), title: path, description: about },
    servers: [reference('servers', 'http')],
    messages: messageReferences(names),
  };
}

/** `classification:<scheme>/*` and the like, which subscriptions name. */
function selectionChannel(form: string): JsonObject {
  const names = [...form.matchAll(/<(\w+)>/g)].map(([, name = '']) => name);
  return {
    address: form.replaceAll(/<(\w+)>/g, '{$1}'),
    title: form,
    description: 'Selected by the `channel` of a subscription, over either server.',
    messages: messageReferences(['event']),
    ...(names.length === 0
      ? {}
      : { parameters: Object.fromEntries(names.map((name) => [name, { description: `The ${name}, as in events.` }])) }),
  };
}

/** A name for a form of channels that can stand in a reference. */
function channelId(form: string): string {
  const words = form
    .replace('/*', ' all')
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== '');
  return words.map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join('');
}

function operationsOf(): JsonObject {
  const inSession = (name: string): JsonObject => reference('channels', 'session', 'messages', name);
  const received = ['connect', ...upNames].map((name) => [
    `receive${name[0]?.toUpperCase()}${name.slice(1)}`,
    {
      ...{ action: 'receive', channel: reference('channels', 'session'), messages: [inSession(name)] },
      ...(name === 'connect'
        ? {}
        : { reply: { channel: reference('channels', 'session'), messages: [inSession(`${name}Ack`)] } }),
    },
  ]);
  const sent = Object.entries({ session: downNames, stream: streamNames, eventLines: ['event'] }).map(([id, names]) => [
    `send${id[0]?.toUpperCase()}${id.slice(1)}`,
    {
      ...{ action: 'send', channel: reference('channels', id) },
      messages: names.map((name) => reference('channels', id, 'messages', name)),
      ...(id === 'session' ? {} : { bindings: { http: { method: 'GET', bindingVersion: '0.3.0' } } }),
    },
  ]);
  return Object.fromEntries([...received, ...sent]);
}

/** Of the messages of a session those that a stream has; its events come one by one. */
const streamNames = ['event', 'subscribed', 'snapshot', 'live', 'stale', 'policy', 'ended', 'notice', 'goaway'];

/** What goes over connections, as AsyncAPI 3.0. */
export function asyncApiDocument({ basePath }: { readonly basePath: string }): JsonObject {
  const schemas = new SchemaCatalog('draft-7');
  const messages = messagesOf(schemas);
  const server = (protocol: string, about: string): JsonObject => ({
    ...{ host: '{host}', protocol, pathname: basePath, description: about },
    variables: { host: { default: '127.0.0.1:8080', description: 'Host and port of the hub.' } },
  });
  return {
    asyncapi: '3.0.0',
    info: { title: 'PurSight Hub', version: '1', description, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers: {
      websocket: server('ws', 'Socket.IO over WebSocket; `wss` behind TLS. The token is in the CONNECT payload.'),
      http: {
        ...server('http', 'Streams over HTTP; `https` behind TLS.'),
        security: [reference('components', 'securitySchemes', 'bearer')],
      },
    },
    channels: {
      session: sessionChannel(),
      stream: streamChannel(streams.stream, streamNames),
      eventLines: streamChannel(streams.eventLines, ['event']),
      ...Object.fromEntries(channelForms.map((form) => [channelId(form), selectionChannel(form)])),
    },
    operations: operationsOf(),
    components: {
      messages,
      schemas: schemas.shared,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

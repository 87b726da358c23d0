import type { SettingEntry } from './setting-entry.ts';

const text = { type: 'text' } as const;
const flag = { type: 'flag' } as const;
const list = { type: 'list' } as const;
const number = (min: number, max: number) => ({ type: 'number', min, max }) as const;
const choice = <const Choices extends readonly string[]>(...of: Choices) => ({ type: 'choice', of }) as const;

/**
 * Every setting of the hub. Environment names, `--help`, `pursight config` and docs/configuration.md all come from
 * this table; an environment variable that starts with PURSIGHT_ and is not in it is an error.
 */
export const settings = {
  env: {
    env: 'PURSIGHT_ENV',
    kind: choice('development', 'production'),
    default: 'development',
    group: 'process',
    help: 'In production nothing is generated: missing or weak secrets refuse to start.',
  },
  host: { env: 'PURSIGHT_HOST', kind: text, default: '127.0.0.1', group: 'process', help: 'Address to listen on.' },
  port: {
    env: 'PURSIGHT_PORT',
    kind: number(0, 65535),
    default: '8080',
    group: 'process',
    help: 'Port for WebSocket and HTTP. 0 takes a free one.',
  },
  nodeName: {
    env: 'PURSIGHT_NODE',
    kind: text,
    group: 'process',
    help: 'Name of this node in logs and session lists. Default: host name and process id.',
  },
  logLevel: {
    env: 'PURSIGHT_LOG_LEVEL',
    kind: choice('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    group: 'process',
    help: 'Least severe log line that is written. Logs are JSON lines on standard error.',
  },
  config: {
    env: 'PURSIGHT_CONFIG',
    kind: text,
    group: 'process',
    help: 'YAML file with connectors and the first policy. Without it a development hub has one CloudEvents and one Atlas connector and sample roles.',
  },
  dataDir: {
    env: 'PURSIGHT_DATA_DIR',
    kind: text,
    default: './data',
    group: 'storage',
    help: 'Folder of the embedded storage and of generated development secrets.',
  },
  kafkaBrokers: {
    env: 'PURSIGHT_KAFKA_BROKERS',
    kind: list,
    group: 'storage',
    help: 'Kafka brokers `host:port,host:port` of the event log. Cluster mode needs this, PURSIGHT_MONGO_URL and PURSIGHT_REDIS_URL together.',
  },
  kafkaSasl: {
    env: 'PURSIGHT_KAFKA_SASL',
    kind: choice('none', 'plain', 'scram-sha-256', 'scram-sha-512'),
    default: 'none',
    group: 'storage',
    help: 'SASL mechanism of the event log cluster.',
  },
  kafkaUser: { env: 'PURSIGHT_KAFKA_USER', kind: text, group: 'storage', help: 'SASL user.' },
  kafkaPassword: { env: 'PURSIGHT_KAFKA_PASSWORD', kind: text, secret: true, group: 'storage', help: 'SASL password.' },
  kafkaTls: {
    env: 'PURSIGHT_KAFKA_TLS',
    kind: flag,
    default: 'false',
    group: 'storage',
    help: 'Connect to the event log cluster by TLS.',
  },
  topicPrefix: {
    env: 'PURSIGHT_TOPIC_PREFIX',
    kind: text,
    default: 'pursight',
    group: 'storage',
    help: 'First part of the names of topics and Redis keys of this deployment.',
  },
  logPartitions: {
    env: 'PURSIGHT_LOG_PARTITIONS',
    kind: number(1, 512),
    default: '8',
    group: 'storage',
    help: 'Partitions of the event log when it is created. Never changes within an epoch.',
  },
  logReplication: {
    env: 'PURSIGHT_LOG_REPLICATION',
    kind: number(-1, 10),
    default: '-1',
    group: 'storage',
    help: 'Replication factor of the event log topic when it is created; -1 takes the default of the cluster.',
  },
  mongoUrl: {
    env: 'PURSIGHT_MONGO_URL',
    kind: text,
    secret: true,
    group: 'storage',
    help: 'MongoDB replica set of the catalog, with the database in the path.',
  },
  redisUrl: {
    env: 'PURSIGHT_REDIS_URL',
    kind: text,
    secret: true,
    group: 'storage',
    help: 'Redis for control between nodes.',
  },
  jwtSecret: {
    env: 'PURSIGHT_JWT_SECRET',
    kind: text,
    secret: true,
    group: 'tokens',
    help: 'Shared secret of HS256 tokens, at least 32 characters.',
  },
  jwtPublicKeyFile: {
    env: 'PURSIGHT_JWT_PUBLIC_KEY_FILE',
    kind: text,
    group: 'tokens',
    help: 'PEM file with the public key of RS256 or ES256 tokens.',
  },
  jwksUrl: {
    env: 'PURSIGHT_JWKS_URL',
    kind: text,
    group: 'tokens',
    help: 'URL of the key set of RS256 or ES256 tokens.',
  },
  jwtIssuer: {
    env: 'PURSIGHT_JWT_ISSUER',
    kind: text,
    default: 'pursight',
    group: 'tokens',
    help: 'Required `iss` of every token.',
  },
  jwtAudience: {
    env: 'PURSIGHT_JWT_AUDIENCE',
    kind: text,
    default: 'pursight-hub',
    group: 'tokens',
    help: 'Required `aud` of every token.',
  },
  secret: {
    env: 'PURSIGHT_SECRET',
    kind: text,
    secret: true,
    group: 'tokens',
    help: 'Secret from which sealing keys and opaque ids are derived, at least 32 characters, the same on all nodes.',
  },
  wsEngine: {
    env: 'PURSIGHT_WS_ENGINE',
    kind: choice('auto', 'uws', 'ws'),
    default: 'auto',
    group: 'gateway',
    help: 'WebSocket engine. `auto` takes uWebSockets.js where its binary loads, else ws.',
  },
  uwsModule: {
    env: 'PURSIGHT_UWS_MODULE',
    kind: text,
    group: 'gateway',
    help: 'Path of an own build of uWebSockets.js.',
  },
  allowedOrigins: {
    env: 'PURSIGHT_ALLOWED_ORIGINS',
    kind: list,
    group: 'gateway',
    help: 'Origins of browser pages that may connect, `https://a.example,https://b.example`. Empty: in development pages of localhost, in production none. Clients that send no Origin are not browsers and are let in.',
  },
  trustProxy: {
    env: 'PURSIGHT_TRUST_PROXY',
    kind: flag,
    default: 'false',
    group: 'gateway',
    help: 'Take the client address from X-Forwarded-For. Only behind a proxy that sets it.',
  },
  ringMaxBytes: {
    env: 'PURSIGHT_RING_MAX_BYTES',
    kind: number(65536, 1e10),
    default: '67108864',
    unit: 'bytes',
    group: 'gateway',
    help: 'Memory of the in-memory tail of the log, all partitions together.',
  },
  ringMaxAgeMs: {
    env: 'PURSIGHT_RING_MAX_AGE_MS',
    kind: number(1000, 86_400_000),
    default: '300000',
    unit: 'ms',
    group: 'gateway',
    help: 'Age of the in-memory tail of the log; read back at start.',
  },
  maxBufferedBytes: {
    env: 'PURSIGHT_MAX_BUFFERED_BYTES',
    kind: number(65536, 1e9),
    default: '1048576',
    unit: 'bytes',
    group: 'gateway',
    help: 'Unread bytes at which a slow connection is closed.',
  },
  maxConnections: {
    env: 'PURSIGHT_MAX_CONNECTIONS',
    kind: number(1, 1e6),
    default: '50000',
    group: 'limits',
    help: 'Connections per node.',
  },
  maxConnectionsPerAddress: {
    env: 'PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS',
    kind: number(1, 1e6),
    default: '1000',
    group: 'limits',
    help: 'Connections per client address and node.',
  },
  maxConnectionsPerPrincipal: {
    env: 'PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL',
    kind: number(1, 1e6),
    default: '100',
    group: 'limits',
    help: 'Connections per tenant and subject and node.',
  },
  maxSubscriptions: {
    env: 'PURSIGHT_MAX_SUBSCRIPTIONS',
    kind: number(1, 10_000),
    default: '200',
    group: 'limits',
    help: 'Subscriptions per session.',
  },
  subscribeRate: {
    env: 'PURSIGHT_SUBSCRIBE_RATE',
    kind: number(1, 10_000),
    default: '50',
    unit: 'per second',
    group: 'limits',
    help: 'Messages per second and session, with bursts of four times as many.',
  },
  maxMessageBytes: {
    env: 'PURSIGHT_MAX_MESSAGE_BYTES',
    kind: number(1024, 16_777_216),
    default: '65536',
    unit: 'bytes',
    group: 'limits',
    help: 'Largest WebSocket message from a client.',
  },
  maxBodyBytes: {
    env: 'PURSIGHT_MAX_BODY_BYTES',
    kind: number(1024, 67_108_864),
    default: '8388608',
    unit: 'bytes',
    group: 'limits',
    help: 'Largest HTTP body, also after decompression.',
  },
  messageIdWindowMs: {
    env: 'PURSIGHT_MESSAGE_ID_WINDOW_MS',
    kind: number(60_000, 2_592_000_000),
    default: '86400000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long the id of a message taken in by HTTP is remembered, so that a sender may retry.',
  },
  splitWindowMs: {
    env: 'PURSIGHT_SPLIT_WINDOW_MS',
    kind: number(1000, 604_800_000),
    default: '900000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long parts of a split message wait for the others before they become a dead letter.',
  },
  url: {
    env: 'PURSIGHT_URL',
    kind: text,
    group: 'command line',
    help: 'Hub that commands talk to. Default: http://PURSIGHT_HOST:PURSIGHT_PORT.',
  },
  token: {
    env: 'PURSIGHT_TOKEN',
    kind: text,
    secret: true,
    group: 'command line',
    help: 'Token that commands use. In development one is made when there is none.',
  },
} as const satisfies Record<string, SettingEntry>;

export type SettingKey = keyof typeof settings;

type ValueOf<Kind> = Kind extends { readonly type: 'number' }
  ? number
  : Kind extends { readonly type: 'flag' }
    ? boolean
    : Kind extends { readonly type: 'list' }
      ? readonly string[]
      : Kind extends { readonly type: 'choice'; readonly of: readonly (infer Choice)[] }
        ? Choice
        : string;

/** Values of all settings after defaults. A text without default may be undefined; a list is empty then. */
export type Settings = {
  readonly [Key in SettingKey]: (typeof settings)[Key] extends { readonly default: string }
    ? ValueOf<(typeof settings)[Key]['kind']>
    : (typeof settings)[Key]['kind'] extends { readonly type: 'list' }
      ? readonly string[]
      : ValueOf<(typeof settings)[Key]['kind']> | undefined;
};

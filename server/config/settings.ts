import { gatewaySettings } from './gateway-settings.ts';
import { choice, flag, list, number, type SettingEntry, text } from './setting-entry.ts';

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
  stalledAfterMs: {
    env: 'PURSIGHT_STALLED_AFTER_MS',
    kind: number(1000, 3_600_000),
    default: '20000',
    unit: 'ms',
    group: 'process',
    help: 'A node is not ready any more when something has waited for one of its loops and that loop got no step further for so long, while everything that it needs is up.',
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
  logRetentionMs: {
    env: 'PURSIGHT_LOG_RETENTION_MS',
    kind: number(-1, 315_360_000_000),
    default: '1209600000',
    unit: 'ms',
    group: 'storage',
    help: 'How long the event log topic keeps records when it is created; never less than PURSIGHT_JOURNAL_RETENTION_MS, so that a journal can be written anew. -1 keeps them for ever. A gateway or journal writer that was away for longer is told of a gap.',
  },
  journalRetentionMs: {
    env: 'PURSIGHT_JOURNAL_RETENTION_MS',
    kind: number(60_000, 315_360_000_000),
    default: '604800000',
    unit: 'ms',
    group: 'storage',
    help: 'How long events are kept in the journal, from which clients resume that were away for longer than the in-memory tail reaches. In embedded mode also the age of the log.',
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
  maxTokenLifetimeMs: {
    env: 'PURSIGHT_MAX_TOKEN_LIFETIME_MS',
    kind: number(1000, 315_360_000_000),
    default: '2592000000',
    unit: 'ms',
    group: 'tokens',
    help: 'Longest time between the issue of a token and its expiry. Revocations are kept for as long, so that none ends before the token does.',
  },
  secret: {
    env: 'PURSIGHT_SECRET',
    kind: text,
    secret: true,
    group: 'tokens',
    help: 'Secret from which sealing keys are derived, at least 32 characters, the same on all nodes.',
  },
  previousSecrets: {
    env: 'PURSIGHT_PREVIOUS_SECRETS',
    kind: list,
    secret: true,
    group: 'tokens',
    help: 'Values that PURSIGHT_SECRET had before, `old,older`: clients may still resume with what was sealed under them. Remove them a day after the last node has the new secret.',
  },
  ...gatewaySettings,
  messageIdWindowMs: {
    env: 'PURSIGHT_MESSAGE_ID_WINDOW_MS',
    kind: number(60_000, 2_592_000_000),
    default: '86400000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long the id of a message is remembered: by HTTP always, on a topic where the messages of the format have ids (CloudEvents). What comes again with an id within that time is known already.',
  },
  splitWindowMs: {
    env: 'PURSIGHT_SPLIT_WINDOW_MS',
    kind: number(1000, 604_800_000),
    default: '900000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long parts of a split message wait for the others before they become a dead letter.',
  },
  deadLetterRetentionMs: {
    env: 'PURSIGHT_DEAD_LETTER_RETENTION_MS',
    kind: number(60_000, 315_360_000_000),
    default: '2592000000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long a dead letter is kept.',
  },
  deadLetterMaxCount: {
    env: 'PURSIGHT_DEAD_LETTER_MAX_COUNT',
    kind: number(1, 1_000_000),
    default: '10000',
    group: 'ingest',
    help: 'Dead letters kept of one connector. Beyond, its oldest are removed; that is counted and logged.',
  },
  deadLetterMaxBytes: {
    env: 'PURSIGHT_DEAD_LETTER_MAX_BYTES',
    kind: number(1_048_576, 1_099_511_627_776),
    default: '1073741824',
    unit: 'bytes',
    group: 'ingest',
    help: 'Size of the dead letters kept of one connector together. Beyond, its oldest are removed; that is counted and logged.',
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

import { jobSettings } from './job-settings.ts';
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
    help: 'In production nothing is generated: the hub does not start with missing or weak secrets.',
  },
  host: { env: 'PURSIGHT_HOST', kind: text, default: '127.0.0.1', group: 'process', help: 'Address to listen on.' },
  port: {
    env: 'PURSIGHT_PORT',
    kind: number(0, 65535),
    default: '8080',
    group: 'process',
    help: 'Port for WebSocket and HTTP. 0 picks a free one.',
  },
  publicUrl: {
    env: 'PURSIGHT_PUBLIC_URL',
    kind: text,
    group: 'process',
    help: 'Address under which browsers reach the hub, `https://hub.example/pursight`: pages of this origin may connect, and the dashboard works below the path. Default: the address it listens on.',
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
    help: 'Minimum level of log lines. Logs are JSON lines on standard error.',
  },
  stalledAfterMs: {
    env: 'PURSIGHT_STALLED_AFTER_MS',
    kind: number(1000, 3_600_000),
    default: '20000',
    unit: 'ms',
    group: 'process',
    help: 'A node is not ready when one of its loops has had work waiting and made no progress for this long, while all dependencies are up.',
  },
  config: {
    env: 'PURSIGHT_CONFIG',
    kind: text,
    group: 'process',
    help: 'YAML file with connectors and the policy. Without it a development hub has one CloudEvents and one Atlas connector and sample roles.',
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
    help: 'Retention of the event log topic, set when it is created; never less than PURSIGHT_JOURNAL_RETENTION_MS, so that a journal can be rebuilt. -1 keeps records forever. A gateway or journal writer that was away for longer sees a gap.',
  },
  journalRetentionMs: {
    env: 'PURSIGHT_JOURNAL_RETENTION_MS',
    kind: number(60_000, 315_360_000_000),
    default: '604800000',
    unit: 'ms',
    group: 'storage',
    help: 'Retention of the journal, from which clients resume that were away for longer than the in-memory tail covers. In embedded mode also the retention of the log.',
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
    help: 'Redis for control messages between nodes.',
  },
  meiliUrl: {
    env: 'PURSIGHT_MEILI_URL',
    kind: text,
    group: 'storage',
    help: 'Meilisearch server of the search index, `http://host:7700`, with PURSIGHT_MEILI_KEY; cluster mode only. Without it each node with the component search has an index in its memory.',
  },
  meiliKey: {
    env: 'PURSIGHT_MEILI_KEY',
    kind: text,
    secret: true,
    group: 'storage',
    help: 'Key of the Meilisearch server: the master key, or one for all actions on indexes, documents, settings, tasks, stats, version and search.',
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
    help: 'Longest lifetime of a token. Revocations are kept for as long, so that none ends before the token does.',
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
    help: 'Previous values of PURSIGHT_SECRET, `old,older`: clients can still resume with cursors and handles sealed with them. Remove them a day after the last node has the new secret.',
  },
  ...gatewaySettings,
  messageIdWindowMs: {
    env: 'PURSIGHT_MESSAGE_ID_WINDOW_MS',
    kind: number(60_000, 2_592_000_000),
    default: '86400000',
    unit: 'ms',
    group: 'ingest',
    help: 'How long message ids are remembered to detect duplicates: always over HTTP, on a topic where the format has message ids (CloudEvents).',
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
    help: 'Maximum number of dead letters per connector. Beyond it the oldest are removed, counted and logged.',
  },
  deadLetterMaxBytes: {
    env: 'PURSIGHT_DEAD_LETTER_MAX_BYTES',
    kind: number(1_048_576, 1_099_511_627_776),
    default: '1073741824',
    unit: 'bytes',
    group: 'ingest',
    help: 'Maximum total size of dead letters per connector. Beyond it the oldest are removed, counted and logged.',
  },
  ...jobSettings,
  url: {
    env: 'PURSIGHT_URL',
    kind: text,
    group: 'command line',
    help: 'Address of the hub for commands. Default: http://PURSIGHT_HOST:PURSIGHT_PORT.',
  },
  token: {
    env: 'PURSIGHT_TOKEN',
    kind: text,
    secret: true,
    group: 'command line',
    help: 'Token for commands. In development one is generated if it is not set.',
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

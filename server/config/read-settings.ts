import { messageOf } from '../../channels/base/thrown.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { SettingEntry } from './setting-entry.ts';
import { type SettingKey, type Settings, settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const known: ReadonlySet<string> = new Set(Object.values(settings).map((entry) => entry.env));
/** Read by the project's own tests. */
const testPrefix = 'PURSIGHT_TEST_';

function readNumber(raw: string, min: number, max: number): number {
  const value = Number(raw);
  if (!Number.isInteger(value) || value < min || value > max || raw.trim() === '')
    throw new Error(`must be a whole number from ${min} to ${max}`);
  return value;
}

function readFlag(raw: string): boolean {
  if (raw !== 'true' && raw !== 'false') throw new Error('must be true or false');
  return raw === 'true';
}

function readValue(entry: SettingEntry, raw: string): string | number | boolean | readonly string[] {
  switch (entry.kind.type) {
    case 'text':
      return raw;
    case 'number':
      return readNumber(raw, entry.kind.min, entry.kind.max);
    case 'flag':
      return readFlag(raw);
    case 'choice':
      if (!entry.kind.of.includes(raw)) throw new Error(`must be one of ${entry.kind.of.join(', ')}`);
      return raw;
    case 'list':
      return raw
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
  }
}

function nearest(name: string): string {
  const alike = [...known].find((candidate) =>
    candidate.replaceAll('_', '').startsWith(name.replaceAll('_', '').slice(0, -2)),
  );
  return alike === undefined ? '' : `; did you mean ${alike}?`;
}

function unknownFaults(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('PURSIGHT_') && !name.startsWith(testPrefix) && !known.has(name))
    .map((name) => `${name}: unknown setting${nearest(name)}`);
}

function clusterFaults(values: Partial<Record<SettingKey, unknown>>): readonly string[] {
  const parts = {
    PURSIGHT_KAFKA_BROKERS: Array.isArray(values.kafkaBrokers) && values.kafkaBrokers.length > 0,
    PURSIGHT_MONGO_URL: values.mongoUrl !== undefined,
    PURSIGHT_REDIS_URL: values.redisUrl !== undefined,
  };
  const missing = Object.entries(parts)
    .filter(([, given]) => !given)
    .map(([name]) => name);
  return missing.length === 0 || missing.length === 3
    ? []
    : [
        `${missing.join(', ')}: cluster mode needs PURSIGHT_KAFKA_BROKERS, PURSIGHT_MONGO_URL and PURSIGHT_REDIS_URL together; set ${missing.length === 1 ? 'it' : 'them'} or unset the others`,
      ];
}

function searchFaults({ meiliUrl, meiliKey, mongoUrl }: Partial<Record<SettingKey, unknown>>): readonly string[] {
  if ((meiliUrl === undefined) !== (meiliKey === undefined)) {
    const [missing, given] = meiliUrl === undefined ? ['URL', 'KEY'] : ['KEY', 'URL'];
    return [`PURSIGHT_MEILI_${missing}: Meilisearch needs both; set it or unset PURSIGHT_MEILI_${given}`];
  }
  if (meiliUrl === undefined) return [];
  if (typeof meiliUrl !== 'string' || !/^https?:\/\/./.test(meiliUrl) || !URL.canParse(meiliUrl))
    return ['PURSIGHT_MEILI_URL: must be an address such as http://127.0.0.1:7700'];
  return mongoUrl === undefined
    ? ['PURSIGHT_MEILI_URL: an embedded hub searches in its own memory; unset it, or use cluster mode']
    : [];
}

function publicUrlFaults({ publicUrl }: Partial<Record<SettingKey, unknown>>): readonly string[] {
  if (publicUrl === undefined) return [];
  const isAddress = typeof publicUrl === 'string' && URL.canParse(publicUrl) && /^https?:\/\/[^?#]+$/.test(publicUrl);
  return isAddress
    ? []
    : ['PURSIGHT_PUBLIC_URL: must be an address such as https://hub.example or https://hub.example/pursight'];
}

function tokenFaults(values: Partial<Record<SettingKey, unknown>>): readonly string[] {
  const sources = [values.jwtSecret, values.jwtPublicKeyFile, values.jwksUrl].filter((value) => value !== undefined);
  return sources.length > 1
    ? [
        'PURSIGHT_JWT_SECRET, PURSIGHT_JWT_PUBLIC_KEY_FILE, PURSIGHT_JWKS_URL: set only one; a hub accepts tokens of one issuer key',
      ]
    : [];
}

/**
 * Settings from an environment. All faults are reported at once.
 * @throws HubError config-invalid with one line per fault
 */
export function readSettings(environment: Environment): Settings {
  const faults: string[] = [...unknownFaults(environment)];
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, entry] of Object.entries(settings) as [SettingKey, SettingEntry][]) {
    const given = environment[entry.env];
    const raw = given === undefined || given === '' ? entry.default : given;
    try {
      values[key] = raw === undefined ? (entry.kind.type === 'list' ? [] : undefined) : readValue(entry, raw);
    } catch (error) {
      faults.push(`${entry.env}: ${messageOf(error)}`);
      values[key] = entry.kind.type === 'list' ? [] : undefined;
    }
  }
  faults.push(...clusterFaults(values), ...searchFaults(values), ...publicUrlFaults(values), ...tokenFaults(values));
  if (faults.length > 0) throw new HubError('config-invalid', faults.join('\n'));
  return values as Settings;
}

/** True when the hub runs on Kafka, MongoDB and Redis. */
export function isCluster(values: Settings): boolean {
  return values.mongoUrl !== undefined;
}

import { describe, expect, it } from 'vitest';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { isCluster, readSettings } from './read-settings.ts';
import { settings } from './settings.ts';

function faults(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    expect(HubError.from(error).code).toBe('config-invalid');
    return (error as HubError).message.split('\n');
  }
}

const cluster = {
  PURSIGHT_KAFKA_BROKERS: 'k:9092',
  PURSIGHT_MONGO_URL: 'mongodb://m/hub',
  PURSIGHT_REDIS_URL: 'redis://r',
};

describe('readSettings', () => {
  it('has a default of the right kind for everything that has one', () => {
    const values = readSettings({});
    expect(values).toMatchObject({
      port: 8080,
      kafkaTls: false,
      allowedOrigins: [],
      kafkaBrokers: [],
      wsEngine: 'auto',
      env: 'development',
    });
    expect(values.mongoUrl).toBeUndefined();
    expect(isCluster(values)).toBe(false);
    for (const [key, entry] of Object.entries(settings)) {
      if ('default' in entry) expect(String(values[key as keyof typeof values]), key).toBe(entry.default);
    }
  });

  it('reads every kind', () => {
    const values = readSettings({
      ...cluster,
      PURSIGHT_PORT: '0',
      PURSIGHT_KAFKA_TLS: 'true',
      PURSIGHT_LOG_LEVEL: 'warn',
      PURSIGHT_HOST: '0.0.0.0',
      PURSIGHT_ALLOWED_ORIGINS: ' https://a.example, ,https://b.example',
    });
    expect(values).toMatchObject({
      port: 0,
      kafkaTls: true,
      logLevel: 'warn',
      host: '0.0.0.0',
      allowedOrigins: ['https://a.example', 'https://b.example'],
    });
    expect(isCluster(values)).toBe(true);
  });

  it('takes an empty variable as not set', () => {
    expect(readSettings({ PURSIGHT_PORT: '', PURSIGHT_MONGO_URL: '', PURSIGHT_ALLOWED_ORIGINS: '' })).toMatchObject({
      port: 8080,
      allowedOrigins: [],
    });
  });

  it.each([
    ['PURSIGHT_PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PURSIGHT_PORT', '-1', 'must be a whole number'],
    ['PURSIGHT_PORT', '80.5', 'must be a whole number'],
    ['PURSIGHT_PORT', ' ', 'must be a whole number'],
    ['PURSIGHT_PORT', 'http', 'must be a whole number'],
    ['PURSIGHT_KAFKA_TLS', 'yes', 'must be true or false'],
    ['PURSIGHT_LOG_LEVEL', 'loud', 'must be one of trace, debug, info'],
    ['PURSIGHT_ENV', 'Production', 'must be one of development, production'],
  ])('refuses %s=%j', (name, value, problem) => {
    expect(faults({ [name]: value })).toEqual([expect.stringContaining(`${name}: ${problem}`)]);
  });

  it('an unknown setting is an error, with a suggestion where one is near', () => {
    expect(faults({ PURSIGHT_MAX_BODYBYTES: '1' })).toEqual([
      'PURSIGHT_MAX_BODYBYTES: unknown setting; did you mean PURSIGHT_MAX_BODY_BYTES?',
    ]);
    expect(faults({ PURSIGHT_REDIS_URI: 'redis://r' })).toEqual([
      'PURSIGHT_REDIS_URI: unknown setting; did you mean PURSIGHT_REDIS_URL?',
    ]);
    expect(faults({ PURSIGHT_ZEBRA_STRIPES: '1' })).toEqual(['PURSIGHT_ZEBRA_STRIPES: unknown setting']);
    expect(faults({ PURSIGHT_TEST_ANYTHING: '1', OTHER_PORT: 'x' })).toEqual([]);
  });

  it('reports all faults at once', () => {
    expect(
      faults({ PURSIGHT_PORT: 'x', PURSIGHT_KAFKA_TLS: 'x', PURSIGHT_ZEBRA: 'x', PURSIGHT_REDIS_URL: 'redis://r' }),
    ).toHaveLength(4);
  });

  it.each([
    [['PURSIGHT_KAFKA_BROKERS'], 'set it or unset the others'],
    [['PURSIGHT_MONGO_URL'], 'set it or unset the others'],
    [['PURSIGHT_REDIS_URL', 'PURSIGHT_KAFKA_BROKERS'], 'set them or unset the others'],
  ])('a cluster without %j is incomplete', (missing, advice) => {
    const [fault, ...rest] = faults(
      Object.fromEntries(Object.entries(cluster).filter(([name]) => !missing.includes(name))),
    );
    expect(rest).toEqual([]);
    for (const name of missing) expect(fault?.split(': cluster mode')[0]).toContain(name);
    expect(fault).toContain(advice);
  });

  it.each([
    [{ PURSIGHT_MEILI_URL: 'http://m:7700' }, 'PURSIGHT_MEILI_KEY: Meilisearch needs both'],
    [{ PURSIGHT_MEILI_KEY: 'secret' }, 'PURSIGHT_MEILI_URL: Meilisearch needs both'],
    [{ PURSIGHT_MEILI_URL: 'm:7700', PURSIGHT_MEILI_KEY: 'secret' }, 'PURSIGHT_MEILI_URL: must be an address'],
    [
      { PURSIGHT_MEILI_URL: 'http://m:7700', PURSIGHT_MEILI_KEY: 'secret' },
      'an embedded hub searches in its own memory',
    ],
  ])('takes the settings of Meilisearch together, and in cluster mode only: %j', (environment, expected) => {
    expect(faults(environment).join('\n')).toContain(expected);
  });

  it('takes the tokens of one key only', () => {
    expect(faults({ PURSIGHT_JWT_SECRET: 's', PURSIGHT_JWKS_URL: 'https://x' })).toEqual([
      expect.stringContaining('set only one'),
    ]);
    expect(faults({ PURSIGHT_JWT_PUBLIC_KEY_FILE: 'k.pem' })).toEqual([]);
  });

  it('D8: never repeats a secret in a fault', () => {
    const secrets = Object.values(settings)
      .filter((entry) => 'secret' in entry)
      .map((entry) => [entry.env, 'sesame-4711']);
    expect(
      faults({ ...Object.fromEntries(secrets), PURSIGHT_PORT: 'x', PURSIGHT_JWKS_URL: 'https://x' }).join(),
    ).not.toContain('4711');
  });
});

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../channels/base/thrown.ts';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Settings } from './settings.ts';

const minSecretLength = 32;
const fileName = 'development-secrets.json';

export interface Secrets {
  /** Key material of sealing keys. */
  readonly secret: string;
  /** What it was before: opens what clients still hold. */
  readonly previousSecrets: readonly string[];
  /** Undefined when tokens are verified by a public key. */
  readonly jwtSecret: string | undefined;
}

interface Generated {
  readonly secret: string;
  readonly jwtSecret: string;
}

function weak(value: string): boolean {
  return value.length < minSecretLength || new Set(value).size < 8;
}

function fresh(): Generated {
  return { secret: randomBytes(32).toString('base64url'), jwtSecret: randomBytes(32).toString('base64url') };
}

function readGenerated(file: string): Generated {
  const { secret, jwtSecret } = jsonObjectOf(readFileSync(file, 'utf8')) ?? {};
  if (typeof secret !== 'string' || typeof jwtSecret !== 'string')
    throw new HubError(
      'config-invalid',
      `PURSIGHT_DATA_DIR: ${file} does not hold secrets; remove it to make new ones`,
    );
  return { secret, jwtSecret };
}

function jsonObjectOf(text: string): JsonObject | undefined {
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? value : undefined;
}

/** Secrets of a development hub, made once and kept in its data folder, readable by the owner only. */
export function developmentSecrets(dataDir: string): Generated {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, fileName);
  try {
    writeFileSync(file, JSON.stringify(fresh()), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST')
      throw new HubError('config-invalid', `PURSIGHT_DATA_DIR: cannot write ${file}`, { cause: error });
  }
  return readGenerated(file);
}

function productionFaults(values: Settings): readonly string[] {
  const faults: string[] = [];
  const howTo = `at least ${minSecretLength} characters, for example from: openssl rand -base64 48`;
  if (values.secret === undefined) faults.push(`PURSIGHT_SECRET: must be set in production, ${howTo}`);
  else if (weak(values.secret)) faults.push(`PURSIGHT_SECRET: too weak; ${howTo}`);
  if (values.previousSecrets.some(weak)) faults.push(`PURSIGHT_PREVIOUS_SECRETS: one is too weak; leave it out`);
  if (values.jwtSecret !== undefined && weak(values.jwtSecret)) faults.push(`PURSIGHT_JWT_SECRET: too weak; ${howTo}`);
  if (values.jwtSecret === undefined && values.jwtPublicKeyFile === undefined && values.jwksUrl === undefined) {
    faults.push(
      'PURSIGHT_JWT_SECRET, PURSIGHT_JWT_PUBLIC_KEY_FILE or PURSIGHT_JWKS_URL: one must be set in production',
    );
  }
  return faults;
}

/** @throws HubError config-invalid in production when a secret is missing or weak */
export function resolveSecrets(values: Settings): Secrets {
  if (values.env === 'production') {
    const faults = productionFaults(values);
    const { secret } = values;
    if (faults.length > 0 || secret === undefined) throw new HubError('config-invalid', faults.join('\n'));
    return {
      secret,
      previousSecrets: values.previousSecrets,
      jwtSecret: values.jwtSecret,
    };
  }
  const keyed = values.jwtPublicKeyFile !== undefined || values.jwksUrl !== undefined;
  const needed = values.secret === undefined || (values.jwtSecret === undefined && !keyed);
  const generated = needed ? developmentSecrets(values.dataDir) : undefined;
  return {
    secret: values.secret ?? generated?.secret ?? '',
    previousSecrets: values.previousSecrets,
    jwtSecret: values.jwtSecret ?? (keyed ? undefined : generated?.jwtSecret),
  };
}

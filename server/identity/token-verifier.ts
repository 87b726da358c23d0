import { createPublicKey, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, customFetch, errors as joseErrors, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { clockToleranceMs } from '../config/clock-tolerance.ts';

/** Verifies a token and returns its principal. @throws HubError unauthenticated, token-expired, unavailable key set as storage-unavailable */
export type TokenVerifier = (token: unknown) => Promise<Principal>;

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Longest life of a token, from its issue to its expiry: revocations are kept for as long. */
  readonly maxLifetimeMs: number;
  readonly clock: Clock;
  /** Exactly one of the three. */
  readonly key: { readonly secret: string } | { readonly publicKeyFile: string } | { readonly jwksUrl: string };
}

const clockToleranceSeconds = clockToleranceMs / 1000;
const maxTokenLength = 16_384;
/** The last second that a date can hold. */
const maxExpSeconds = 8.64e12;
const registered: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub', 'tenant', 'roles']);
const tenantForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

function refused(problem: string, cause?: unknown): HubError {
  return new HubError('unauthenticated', `token: ${problem}`, { cause });
}

/** One from the future, or for longer than revocations last, could not be revoked. */
function assertLifetime(exp: number, iat: unknown, { maxLifetimeMs, clock }: TokenVerifierOptions): void {
  if (exp > maxExpSeconds) throw refused('claim exp must be in seconds since 1970');
  const nowMs = clock.now();
  const issuedAtMs = typeof iat === 'number' ? iat * 1000 : nowMs;
  if (issuedAtMs > nowMs + clockToleranceMs) throw refused('claim iat is in the future');
  if (exp * 1000 - issuedAtMs > maxLifetimeMs + clockToleranceMs)
    throw refused(
      `is valid for longer than ${Math.floor(maxLifetimeMs / 1000)} s; issue shorter ones, or raise PURSIGHT_MAX_TOKEN_LIFETIME_MS`,
    );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** The token is authentic; is it complete? */
function principalOf(claims: JsonObject, options: TokenVerifierOptions): Principal {
  const { sub, tenant, roles, exp, iat, jti } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > 256)
    throw refused('claim sub must be a string of 1-256 characters');
  if (typeof tenant !== 'string' || !tenantForm.test(tenant))
    throw refused('claim tenant must be 1-63 of a-z, 0-9 and "-"');
  if (typeof exp !== 'number') throw refused('claim exp is missing; tokens must expire');
  if (iat !== undefined && typeof iat !== 'number') throw refused('claim iat must be in seconds since 1970');
  if (jti !== undefined && typeof jti !== 'string') throw refused('claim jti must be a string');
  assertLifetime(exp, iat, options);
  if (roles !== undefined && !isTexts(roles)) throw refused('claim roles must be a list of strings');
  return {
    tenant,
    sub,
    roles: [...new Set(roles ?? [])].toSorted(),
    claims: Object.fromEntries(Object.entries(claims).filter(([name]) => !registered.has(name))),
    ...(typeof jti === 'string' ? { tokenId: jti } : {}),
    ...(typeof iat === 'number' ? { issuedAtMs: iat * 1000 } : {}),
    // for as long as it is accepted: a session that ended sooner would be opened and ended in turns
    expiresAtMs: exp * 1000 + clockToleranceMs,
  };
}

function tokenText(token: unknown): string {
  if (typeof token !== 'string' || token === '')
    throw refused('missing; send it as auth.token, or as "Authorization: Bearer" over HTTP');
  if (token.length > maxTokenLength) throw refused(`longer than ${maxTokenLength} characters`);
  return token;
}

function fromJsonwebtoken(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof jwt.TokenExpiredError)
    return new HubError('token-expired', `token: expired at ${error.expiredAt.toISOString()}`);
  return refused(error instanceof Error ? error.message : 'not valid', error);
}

function keyVerifier(key: KeyObject, algorithms: jwt.Algorithm[], options: TokenVerifierOptions): TokenVerifier {
  return async (token) => {
    try {
      const { header, payload } = jwt.verify(tokenText(token), key, {
        algorithms,
        issuer: options.issuer,
        audience: options.audience,
        clockTolerance: clockToleranceSeconds,
        complete: true,
      });
      // the library does not check it; unknown critical extensions must not be ignored
      if (header.crit !== undefined) throw refused('header crit names extensions that this hub does not support');
      if (!isJsonObject(payload)) throw refused('payload must be an object');
      return principalOf(payload, options);
    } catch (error) {
      throw fromJsonwebtoken(error);
    }
  };
}

/** No answer, or one that is not a key set (jose uses its general code for those): the token may be valid. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof joseErrors.JOSEError)
    return error instanceof joseErrors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';
  return error instanceof TypeError && /fetch/i.test(error.message);
}

function fromJose(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof joseErrors.JWTExpired) return new HubError('token-expired', 'token: expired');
  if (isUnreachable(error)) {
    return new HubError('storage-unavailable', 'token: the key set cannot be reached; retry later', {
      cause: error,
      retryAfterMs: 2000,
    });
  }
  return refused(error instanceof Error ? error.message : 'not valid', error);
}

/** The key set is asked at most so often for a key that it did not have: strangers may name any. */
const keySetCooldownMs = 5000;

/**
 * A key that is not in the set may be new: then it is asked again, but not for every token. A token that came in between
 * may be good; it is to come again, and not for nothing.
 */
function jwksVerifier(url: string, options: TokenVerifierOptions): TokenVerifier {
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  const keySet = createRemoteJWKSet(new URL(url), {
    cooldownDuration: keySetCooldownMs,
    [customFetch]: (...args) => {
      fetchedAtMs = performance.now();
      return fetch(...args);
    },
  });
  return async (token) => {
    const askedAtMs = performance.now();
    try {
      const { payload } = await jwtVerify(tokenText(token), keySet, {
        algorithms: ['RS256', 'ES256'],
        issuer: options.issuer,
        audience: options.audience,
        clockTolerance: clockToleranceSeconds,
      });
      if (!isJsonObject(payload)) throw refused('payload must be an object');
      return principalOf(payload, options);
    } catch (error) {
      if (error instanceof joseErrors.JWKSNoMatchingKey && fetchedAtMs < askedAtMs)
        throw new HubError('key-not-known', 'token: its key is not in the key set as last read; retry', {
          cause: error,
          retryAfterMs: Math.max(1, Math.ceil(fetchedAtMs + keySetCooldownMs - performance.now())),
        });
      throw fromJose(error);
    }
  };
}

/** An RSA key verifies RS256 only, an EC key ES256 only: a token cannot choose. */
function publicKeyAlgorithm(key: KeyObject, file: string): jwt.Algorithm {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  throw new HubError('config-invalid', `PURSIGHT_JWT_PUBLIC_KEY_FILE: ${file} must contain an RSA or P-256 public key`);
}

function readPublicKey(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file));
  } catch (error) {
    throw new HubError('config-invalid', `PURSIGHT_JWT_PUBLIC_KEY_FILE: cannot read a PEM public key from ${file}`, {
      cause: error,
    });
  }
}

/** @throws HubError config-invalid */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  if ('secret' in options.key) return keyVerifier(createSecretKey(Buffer.from(options.key.secret)), ['HS256'], options);
  if ('jwksUrl' in options.key) return jwksVerifier(options.key.jwksUrl, options);
  const key = readPublicKey(options.key.publicKeyFile);
  return keyVerifier(key, [publicKeyAlgorithm(key, options.key.publicKeyFile)], options);
}

/** A token of the development secret; production hubs have issuers of their own. */
export function mintToken(options: {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly sub: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly ttlSeconds: number;
  readonly claims?: JsonObject;
}): string {
  return jwt.sign({ ...options.claims, tenant: options.tenant, roles: options.roles }, options.secret, {
    algorithm: 'HS256',
    issuer: options.issuer,
    audience: options.audience,
    subject: options.sub,
    jwtid: randomUUID(),
    expiresIn: options.ttlSeconds,
  });
}

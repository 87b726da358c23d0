import { createPublicKey, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, errors as joseErrors, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

/** Checks a token and says who it is. @throws HubError unauthenticated, token-expired, unavailable key set as storage-unavailable */
export type TokenVerifier = (token: unknown) => Promise<Principal>;

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Exactly one of the three. */
  readonly key: { readonly secret: string } | { readonly publicKeyFile: string } | { readonly jwksUrl: string };
}

/** Clocks of issuer and hub may differ by this much. */
const clockToleranceSeconds = 5;
const maxTokenLength = 16_384;
/** The last second that a date can hold. */
const maxExpSeconds = 8.64e12;
const registered: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub', 'tenant', 'roles']);
const tenantForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

function refused(problem: string, cause?: unknown): HubError {
  return new HubError('unauthenticated', `token: ${problem}`, { cause });
}

/** The token is authentic; is it complete? */
function principalOf(claims: JsonObject): Principal {
  const { sub, tenant, roles, exp, iat, jti } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > 256)
    throw refused('claim sub must be a text of 1-256 characters');
  if (typeof tenant !== 'string' || !tenantForm.test(tenant))
    throw refused('claim tenant must be 1-63 of a-z, 0-9 and "-"');
  if (typeof exp !== 'number') throw refused('claim exp is missing; tokens must expire');
  if (exp > maxExpSeconds) throw refused('claim exp must be in seconds since 1970');
  if (roles !== undefined && !(Array.isArray(roles) && roles.every((role) => typeof role === 'string')))
    throw refused('claim roles must be a list of texts');
  return {
    tenant,
    sub,
    roles: [...new Set((roles ?? []) as readonly string[])].toSorted(),
    claims: Object.fromEntries(Object.entries(claims).filter(([name]) => !registered.has(name))),
    ...(typeof jti === 'string' ? { tokenId: jti } : {}),
    ...(typeof iat === 'number' ? { issuedAtMs: iat * 1000 } : {}),
    expiresAtMs: exp * 1000,
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
  return refused(error instanceof Error ? error.message : 'not acceptable', error);
}

function keyVerifier(key: KeyObject, algorithms: jwt.Algorithm[], options: TokenVerifierOptions): TokenVerifier {
  return async (token) => {
    try {
      const claims: unknown = jwt.verify(tokenText(token), key, {
        algorithms,
        issuer: options.issuer,
        audience: options.audience,
        clockTolerance: clockToleranceSeconds,
      });
      if (!isJsonObject(claims)) throw refused('payload must be an object');
      return principalOf(claims);
    } catch (error) {
      throw fromJsonwebtoken(error);
    }
  };
}

/** No answer, or one that is no key set (jose gives those its general code): says nothing of the token. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof joseErrors.JOSEError)
    return error instanceof joseErrors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';
  return error instanceof TypeError && /fetch/i.test(error.message);
}

function fromJose(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof joseErrors.JWTExpired) return new HubError('token-expired', 'token: expired');
  if (isUnreachable(error)) {
    return new HubError('storage-unavailable', 'token: the key set cannot be reached just now', {
      cause: error,
      retryAfterMs: 2000,
    });
  }
  return refused(error instanceof Error ? error.message : 'not acceptable', error);
}

function jwksVerifier(url: string, options: TokenVerifierOptions): TokenVerifier {
  const keySet = createRemoteJWKSet(new URL(url));
  return async (token) => {
    try {
      const { payload } = await jwtVerify(tokenText(token), keySet, {
        algorithms: ['RS256', 'ES256'],
        issuer: options.issuer,
        audience: options.audience,
        clockTolerance: clockToleranceSeconds,
      });
      return principalOf(payload as JsonObject);
    } catch (error) {
      throw fromJose(error);
    }
  };
}

/** An RSA key verifies RS256 only, an EC key ES256 only: a token cannot choose. */
function publicKeyAlgorithm(key: KeyObject, file: string): jwt.Algorithm {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  throw new HubError('config-invalid', `PURSIGHT_JWT_PUBLIC_KEY_FILE: ${file} must hold an RSA or P-256 public key`);
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

import { asError, codeOf } from '../channels/base/thrown.ts';
import { isJsonObject, type JsonObject } from '../channels/event/json.ts';
import type { Grant } from '../channels/policy/policy.ts';
import { type ErrorCode, errorCodes } from '../channels/protocol/error-code.ts';
import { HubError } from '../channels/protocol/hub-error.ts';
import type { HubFile } from '../server/config/hub-file.ts';
import type { Settings } from '../server/config/settings.ts';
import { type CommandContext, hubFileOf } from './command-context.ts';
import { developmentToken } from './token.ts';

/** A baseline of some megabytes is committed before the hub answers. */
const requestTimeoutMs = 300_000;
const tokenTtlSeconds = 15 * 60;

/** Where the hub is and who asks, as given on the command line. */
export interface HubFlags {
  readonly url?: string;
  readonly token?: string;
  readonly tenant?: string;
}

/** Answer of the hub: any status, JSON object body. */
export interface HubAnswer {
  readonly status: number;
  readonly body: JsonObject;
  /** Clock of the hub in ms, as its Date header says; undefined without one. */
  readonly dateMs: number | undefined;
}

export interface HubApi {
  readonly url: string;
  /** @throws HubError unreachable, and whatever the hub answers as an error */
  get(path: string): Promise<JsonObject>;
  /** @throws HubError unreachable, and whatever the hub answers as an error */
  post(path: string, body?: string, contentType?: string): Promise<JsonObject>;
  /** DELETE. @throws HubError unreachable, and whatever the hub answers as an error */
  remove(path: string): Promise<JsonObject>;
  /** The answer whatever its status. @throws HubError unreachable */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string, contentType?: string): Promise<HubAnswer>;
}

/** Addresses that mean "every interface" to a server mean nothing to a client. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** @throws HubError config-invalid */
export function hubUrl(settings: Settings, flags: HubFlags): string {
  const given = flags.url ?? settings.url;
  if (given === undefined) {
    if (settings.port !== 0) return `http://${reachableHost(settings.host)}:${settings.port}`;
    throw new HubError('config-invalid', '--url: PURSIGHT_PORT=0 is not an address; set --url or PURSIGHT_URL');
  }
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    const name = flags.url === undefined ? 'PURSIGHT_URL' : '--url';
    throw new HubError(
      'config-invalid',
      `${name}: must be an http or https address, for example http://127.0.0.1:8080`,
    );
  }
  return given.replace(/\/+$/, '');
}

/** Roles that may do everything a command asks for. */
function operatorRoles(file: HubFile): readonly string[] {
  if (Object.hasOwn(file.policy.roles, 'admin')) return ['admin'];
  const entries = Object.entries(file.policy.roles);
  const runs = ({ allow }: Grant): boolean => allow === 'administer' || allow === 'operate';
  return entries.filter(([, grants]) => grants.some(runs)).map(([role]) => role);
}

/** The tenant that a development hub is most likely used for. */
export function usualTenant(file: HubFile): string {
  return file.connectors[0]?.tenant ?? 'demo';
}

/**
 * The token of a command: as given, else one that is made for these minutes.
 * @throws HubError forbidden in production, config-invalid
 */
export function hubToken(context: CommandContext, settings: Settings, flags: HubFlags): string {
  const given = flags.token ?? settings.token;
  if (given !== undefined) return given;
  if (settings.env === 'production') {
    throw new HubError('unauthenticated', '--token: required in production; set --token or PURSIGHT_TOKEN');
  }
  const file = hubFileOf(settings, context);
  const tenant = flags.tenant ?? usualTenant(file);
  return developmentToken(settings, { sub: 'cli', roles: operatorRoles(file), tenant, ttlSeconds: tokenTtlSeconds });
}

function reasonOf(error: unknown): string {
  const { cause, message } = asError(error);
  return codeOf(cause) ?? (cause instanceof Error ? cause.message : message);
}

/** What to say when nobody answers at an address. */
export function unreachable(url: string, reason: string, cause?: unknown): HubError {
  const fix = 'start it with "pursight serve", or give its address by --url or PURSIGHT_URL';
  return new HubError('unreachable', `cannot reach a hub at ${url} (${reason}); ${fix}`, { cause });
}

/** Codes of a newer hub are not known here. */
export function knownCode(code: unknown): ErrorCode {
  return isErrorCode(code) ? code : 'internal';
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}

/** The error that the hub put into a body. */
export function wireFault(wire: { readonly code: unknown; readonly message: string }, tokenWasMade: boolean): HubError {
  const code = knownCode(wire.code);
  const hint =
    '; the token was generated here: run with the same PURSIGHT_DATA_DIR, PURSIGHT_JWT_SECRET and PURSIGHT_CONFIG as the hub';
  return new HubError(code, `${wire.message}${tokenWasMade && code === 'unauthenticated' ? hint : ''}`);
}

function parseAnswer(url: string, response: Response, text: string): HubAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // reported below
  }
  if (!isJsonObject(body)) {
    throw unreachable(url, `it answered ${response.status} without the JSON of a hub`);
  }
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  return { status: response.status, body, dateMs: Number.isNaN(dateMs) ? undefined : dateMs };
}

/** A client of the HTTP API of one hub. */
export function createHubApi(context: CommandContext, settings: Settings, flags: HubFlags): HubApi {
  const url = hubUrl(settings, flags);
  const tokenWasMade = (flags.token ?? settings.token) === undefined;
  let token: string | undefined;

  const send: HubApi['send'] = async (method, path, body, contentType = 'application/json') => {
    token ??= hubToken(context, settings, flags);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    };
    const init = {
      method,
      headers,
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(body === undefined ? {} : { body }),
    };
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, init);
      text = await response.text();
    } catch (error) {
      throw unreachable(url, reasonOf(error), error);
    }
    return parseAnswer(url, response, text);
  };

  const succeed = async (answer: Promise<HubAnswer>): Promise<JsonObject> => {
    const { status, body } = await answer;
    if (status < 400) return body;
    throw faultOf({ status, body }, tokenWasMade);
  };

  return {
    url,
    send,
    get: (path) => succeed(send('GET', path)),
    remove: (path) => succeed(send('DELETE', path)),
    post: (path, body, contentType) => succeed(send('POST', path, body, contentType)),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'the hub did not say why';
}

/** The error of an answer whose status says that it is one. */
export function faultOf({ status, body }: Pick<HubAnswer, 'status' | 'body'>, tokenWasMade = false): HubError {
  const { code, detail } = body;
  if (code === undefined) return new HubError('internal', `the hub answered ${status} without a reason`);
  return wireFault({ code, message: textOf(detail) }, tokenWasMade);
}

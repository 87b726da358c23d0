import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { codeOf } from '../../channels/base/thrown.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { HttpRequest } from '../transport/http.ts';
import { assertPlainJson } from './plain-json.ts';

const inflate = promisify(gunzip);
// what is not UTF-8 is refused: its text would be another than the one that was sent
const decoder = new TextDecoder('utf-8', { fatal: true });

function inflateFault(error: unknown, maxBytes: number): HubError {
  if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
    return new HubError('message-too-large', `body: more than ${maxBytes} bytes after decompression`);
  return new HubError('invalid-message', 'body: content-encoding is gzip, but the body is not', { cause: error });
}

/**
 * The body, decompressed. Both sizes are bounded by `maxBytes`.
 * @throws HubError message-too-large, unsupported-media-type, invalid-message
 */
async function readBody(http: HttpRequest, maxBytes: number): Promise<Uint8Array> {
  const encoding = (http.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new HubError('unsupported-media-type', 'content-encoding: use gzip or none');
  const body = await http.body(maxBytes);
  if (encoding === 'identity') return body;
  try {
    return await inflate(body, { maxOutputLength: maxBytes });
  } catch (error) {
    throw inflateFault(error, maxBytes);
  }
}

/** What the body of a route is, and how large it may be. */
export interface BodyDeclaration<Body> {
  /** Reads it when the handler asks, so that nothing is read of a request that is refused. */
  readonly read: (http: HttpRequest) => Promise<Body>;
}

/** Not read at all. */
export const noBody: BodyDeclaration<undefined> = { read: async () => undefined };

/** Bytes, decompressed. @throws HubError as readBody */
export function bytes(maxBytes: number): BodyDeclaration<Uint8Array> {
  return { read: (http) => readBody(http, maxBytes) };
}

export interface JsonBodyOptions<Body> {
  readonly maxBytes: number;
  /** @throws HubError invalid-request naming the field */
  readonly parse: (value: unknown) => Body;
  /** Taken for an empty body. @default an empty body is not JSON */
  readonly ifEmpty?: object;
}

/** JSON, parsed by the route. @throws HubError invalid-json, and as readBody */
export function jsonBody<Body>({ maxBytes, parse, ifEmpty }: JsonBodyOptions<Body>): BodyDeclaration<Body> {
  return { read: async (http) => parse(await readJson(http, maxBytes, ifEmpty)) };
}

async function readJson(http: HttpRequest, maxBytes: number, ifEmpty?: object): Promise<unknown> {
  const text = textOf(await readBody(http, maxBytes));
  if (ifEmpty !== undefined && text.trim() === '') return ifEmpty;
  const value = parsed(text);
  assertPlainJson(value);
  return value;
}

function textOf(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch (error) {
    throw new HubError('invalid-json', 'body: not UTF-8', { cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HubError('invalid-json', 'body: not JSON', { cause: error });
  }
}

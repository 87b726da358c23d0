import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import type { z } from 'zod';
import { codeOf } from '../../channels/base/thrown.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { parseUp } from '../../channels/protocol/up-schema.ts';
import type { HttpRequest } from '../transport/http.ts';
import type { BodyContract, ContentContract } from './contract.ts';
import { assertPlainJson } from './plain-json.ts';

const inflate = promisify(gunzip);
// what is not UTF-8 is refused: its text would be another than the one that was sent
const decoder = new TextDecoder('utf-8', { fatal: true });

function inflateFault(error: unknown, maxBytes: number): HubError {
  if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
    return new HubError('message-too-large', `body: more than ${maxBytes} bytes after decompression`);
  return new HubError('invalid-message', 'body: content-encoding is gzip, but the body is not', { cause: error });
}

/** @throws HubError unsupported-media-type */
function encodingOf({ headers }: HttpRequest): 'identity' | 'gzip' {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === 'gzip') return encoding;
  throw new HubError('unsupported-media-type', 'content-encoding: use gzip or none');
}

/**
 * The body, decompressed. Both sizes are bounded by `maxBytes`.
 * @throws HubError message-too-large, unsupported-media-type, invalid-message
 */
async function readBody(http: HttpRequest, maxBytes: number): Promise<Uint8Array> {
  const encoding = encodingOf(http);
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
  /** Undefined where there is none. */
  readonly contract: BodyContract | undefined;
}

/** Not read at all. */
export const noBody: BodyDeclaration<undefined> = { read: async () => undefined, contract: undefined };

const errorsOfBytes = ['message-too-large', 'unsupported-media-type', 'invalid-message', 'invalid-request'] as const;

/** Bytes, decompressed; what they are the route decides. @throws HubError as readBody */
export function bytes(maxBytes: number, content: BodyContract['content']): BodyDeclaration<Uint8Array> {
  return {
    read: (http) => readBody(http, maxBytes),
    contract: { content, isOptional: false, errors: errorsOfBytes },
  };
}

/** Of what the parts hold. @throws HubError invalid-message */
async function* inflated(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const output = createGunzip();
  // a fault of the input, too, is that of the output
  pipeline(Readable.from(parts), output, () => undefined);
  try {
    yield* output;
  } catch (error) {
    throw error instanceof HubError ? error : inflateFault(error, 0);
  }
}

/**
 * Parts, decompressed, no faster than they are taken; how much is taken the route decides.
 * @throws HubError unsupported-media-type, and while reading invalid-message, invalid-request
 */
export function parts(content: BodyContract['content']): BodyDeclaration<AsyncIterable<Uint8Array>> {
  return {
    read: async (http) => (encodingOf(http) === 'gzip' ? inflated(http.chunks()) : http.chunks()),
    contract: { content, isOptional: false, errors: errorsOfBytes },
  };
}

interface JsonOptions {
  readonly maxBytes: number;
  readonly examples?: ContentContract['examples'];
  /** Taken for an empty body. @default an empty body is not JSON */
  readonly ifEmpty?: object;
  /** Under which the form is described; the route may demand it. */
  readonly mediaType?: string;
}

export interface JsonBodyOptions<Body> extends JsonOptions {
  /** Describes what `parse` takes; a test has both read the same examples. */
  readonly schema: z.ZodType;
  /** @throws HubError invalid-request naming the field */
  readonly parse: (value: unknown) => Body;
}

/** JSON, parsed by the route. @throws HubError invalid-json, and as readBody */
export function jsonBody<Body>({
  maxBytes,
  parse,
  ifEmpty,
  ...described
}: JsonBodyOptions<Body>): BodyDeclaration<Body> {
  const { schema, examples, mediaType = 'application/json' } = described;
  return {
    read: async (http) => parse(await readJson(http, maxBytes, ifEmpty)),
    contract: {
      content: { [mediaType]: { schema, ...(examples === undefined ? {} : { examples }) } },
      isOptional: ifEmpty !== undefined,
      errors: ['invalid-json', ...errorsOfBytes],
    },
  };
}

/** JSON of a schema, which both describes and checks it. @throws HubError invalid-json, invalid-request, and as readBody */
export function schemaBody<Body>({
  schema,
  ...options
}: JsonOptions & { readonly schema: z.ZodType<Body> }): BodyDeclaration<Body> {
  return jsonBody({ ...options, schema, parse: (value) => parseUp(schema, value) });
}

/** JSON is UTF-8; read as such, a text in another charset would be another text. @throws HubError unsupported-media-type */
function assertCharset({ headers }: HttpRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/iu.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/iu.test(charset))
    throw new HubError(
      'unsupported-media-type',
      `content-type: charset ${charset.slice(0, 40)} is not read; send UTF-8`,
    );
}

async function readJson(http: HttpRequest, maxBytes: number, ifEmpty?: object): Promise<unknown> {
  assertCharset(http);
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

import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../event/json.ts';
import { HubError } from './hub-error.ts';
import type { SearchRequest, UnsearchRequest } from './search.ts';
import type { AuthenticateRequest, ConnectAuth, SubscribeRequest, UnsubscribeRequest } from './up.ts';
import { commonProtocol, type ProtocolRange, protocolText, spokenProtocols } from './version.ts';

const id = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be 1-64 of A-Z a-z 0-9 _ - . :');
// the content of a filter is checked by parseFilter, which names the place better
const filter = z.custom<JsonObject>(isJsonObject, 'must be an object').meta({ type: 'object' });
// the grammar is checked by channelFilter, which lists the known forms
const channel = z.string({ error: 'must be a text' });
const token = z.string({ error: 'must be a text' });

// a cursor has some 16 characters for each partition of the log, of which there are 512 at most; a hostile one is not processed
const sealed = z.string().max(16_384);

const maxNamedFields = 32;
const maxFieldCharacters = 64;

// checked as a whole: a schema would name each of thousands. The names are checked by createForm, which lists the valid ones
const fields = z
  .custom<readonly string[]>(
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= maxNamedFields &&
      value.every((each) => typeof each === 'string' && each.length <= maxFieldCharacters),
    `must be a list of 1 to ${maxNamedFields} names of at most ${maxFieldCharacters} characters; leave it out to get all fields`,
  )
  .meta({
    ...{ type: 'array', minItems: 1, maxItems: maxNamedFields },
    items: { type: 'string', maxLength: maxFieldCharacters },
  });

/**
 * A {@link SubscribeRequest} as a client sent it. Unknown members are refused; filter, channel and names of fields are
 * parsed later.
 */
export const subscribeSchema = z.strictObject({
  id,
  channel,
  filter: filter.exactOptional(),
  mode: z.enum(['events', 'view']).exactOptional(),
  shape: z.enum(['document', 'entity', 'changes']).exactOptional(),
  fields: fields.exactOptional(),
  handle: sealed.exactOptional(),
  cursor: sealed.exactOptional(),
  since: z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time' }).exactOptional(),
}) satisfies z.ZodType<SubscribeRequest>;

/** An {@link UnsubscribeRequest} as a client sent it. Unknown members are refused. */
export const unsubscribeSchema = z.strictObject({ id }) satisfies z.ZodType<UnsubscribeRequest>;

/** An {@link AuthenticateRequest} as a client sent it. Unknown members are refused; the token is not verified here. */
export const authenticateSchema = z.strictObject({ token }) satisfies z.ZodType<AuthenticateRequest>;

/** What a {@link SearchRequest} says of itself; what is searched for is parsed by parseSearchRequest, which is strict. */
export const searchSchema = z.object({
  id,
  rev: z.int('must be a whole number').min(0, 'must not be negative').exactOptional(),
  once: z.boolean('must be true or false').exactOptional(),
}) satisfies z.ZodType<Pick<SearchRequest, 'id' | 'rev' | 'once'>>;

/** An {@link UnsearchRequest} as a client sent it. Unknown members are refused. */
export const unsearchSchema = z.strictObject({ id }) satisfies z.ZodType<UnsearchRequest>;

const maxSubscriptionsAtConnect = 1000;

const version = (error: string): z.ZodNumber => z.number({ error }).int({ error: 'must be a whole number' });

/** What can be read of every client, whatever its version. */
const offerSchema = z.object({
  protocol: version(`must be the protocol that you speak; set it to ${spokenProtocols.newest}`),
  oldestProtocol: version('must be the oldest protocol that you speak').exactOptional(),
});

/** Newer clients may send more in CONNECT than this hub knows; they must not be refused for that. */
export const connectSchema = z.object({
  ...offerSchema.shape,
  token,
  client: z.string({ error: 'must be a text; say what connects and its version, as in my-bot 1.0' }).max(100),
  cursor: sealed.exactOptional(),
  subscriptions: z.array(subscribeSchema).max(maxSubscriptionsAtConnect).exactOptional(),
}) satisfies z.ZodType<ConnectAuth>;

/** No message of the protocol has more fields; the schemas would check each of thousands, and list them. */
const maxFields = 32;

function assertFewFields(value: unknown, place: string): void {
  const count = isJsonObject(value) ? Object.keys(value).length : 0;
  if (count > maxFields)
    throw new HubError('invalid-request', `${place}: has ${count} fields; at most ${maxFields} are allowed`);
}

/**
 * Reads one message of a client.
 * @throws HubError invalid-request naming the first wrong field
 */
export function parseUp<T>(schema: z.ZodType<T>, raw: unknown): T {
  assertFewFields(raw, 'message');
  const result = schema.safeParse(raw);
  const issue = result.error?.issues[0];
  if (result.success) return result.data;
  // reported by field: a client newer than the hub has to see at once what it must not send
  if (issue?.code === 'unrecognized_keys') throw unknownField(issue);
  const place = placeOf(issue?.path ?? []);
  throw new HubError('invalid-request', `${place}: ${issue?.message ?? 'does not match the protocol'}`);
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'message' : path.map(String).join('.');
}

function unknownField({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): HubError {
  const field = JSON.stringify(keys[0]?.slice(0, 64));
  return new HubError(
    'invalid-request',
    `${placeOf(path)}: unknown field ${field}; it is not in the negotiated protocol or the features of this hub`,
  );
}

/** Some client libraries can only send strings in the CONNECT payload: a number or JSON in a string is parsed. */
function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The parsed CONNECT payload. */
export interface ParsedConnect extends ConnectAuth {
  /** The protocol version of this connection. */
  readonly agreedProtocol: number;
}

/**
 * Parses CONNECT. The version is read first: the rest depends on it.
 * @param spoken the versions of the hub
 * @throws HubError unauthenticated without a token, invalid-request, unsupported-protocol
 */
export function parseConnect(raw: unknown, spoken: ProtocolRange = spokenProtocols): ParsedConnect {
  if (!isJsonObject(raw) || typeof raw['token'] !== 'string' || raw['token'] === '')
    throw new HubError('unauthenticated', 'auth.token: missing; send a token in the CONNECT payload');
  assertFewFields(raw, 'auth');
  const { subscriptions } = raw;
  const offer = offered(raw);
  const agreedProtocol = agree(offer, spoken);
  const wanted = fromText(subscriptions);
  if (Array.isArray(wanted) && wanted.length <= maxSubscriptionsAtConnect)
    wanted.forEach((each: unknown, index) => assertFewFields(each, `auth.subscriptions.${index}`));
  const auth = parseUp(connectSchema, {
    ...raw,
    ...offer,
    ...(wanted === undefined ? {} : { subscriptions: wanted }),
  });
  return { ...auth, agreedProtocol };
}

type Offer = Pick<ConnectAuth, 'protocol' | 'oldestProtocol'>;

function offered({ protocol, oldestProtocol }: JsonObject): Offer {
  const offer = parseUp(offerSchema, {
    protocol: fromText(protocol),
    ...(oldestProtocol === undefined ? {} : { oldestProtocol: fromText(oldestProtocol) }),
  });
  if (offer.oldestProtocol !== undefined && offer.oldestProtocol > offer.protocol)
    throw new HubError('invalid-request', 'oldestProtocol: must not be above `protocol`');
  return offer;
}

function agree({ protocol, oldestProtocol = protocol }: Offer, spoken: ProtocolRange): number {
  const client = { oldest: oldestProtocol, newest: protocol };
  const agreed = commonProtocol(client, spoken);
  if (agreed !== undefined) return agreed;
  throw new HubError(
    'unsupported-protocol',
    `auth.protocol: this hub supports ${protocolText(spoken)}, the client ${protocolText(client)}`,
    { publicDetails: { protocol: spoken.newest, oldestProtocol: spoken.oldest } },
  );
}

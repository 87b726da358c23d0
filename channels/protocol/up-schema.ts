import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../event/json.ts';
import { HubError } from './hub-error.ts';
import type { AuthenticateRequest, ConnectAuth, SubscribeRequest, UnsubscribeRequest } from './up.ts';
import { protocolVersion } from './version.ts';

const id = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be 1-64 of A-Z a-z 0-9 _ - . :');
// what a filter may hold is checked by parseFilter, which names the place better
const filter = z.custom<JsonObject>(isJsonObject, 'must be an object');
// the grammar is checked by channelFilter, which lists the known forms
const channel = z.string({ error: 'must be a text' });
const token = z.string({ error: 'must be a text' });

// sealed texts are short; the bound keeps a hostile one from being worked on
const sealed = z.string().max(8192);

export const subscribeSchema = z.strictObject({
  id,
  channel,
  filter: filter.exactOptional(),
  mode: z.enum(['events', 'view']).exactOptional(),
  handle: sealed.exactOptional(),
  cursor: sealed.exactOptional(),
  since: z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time' }).exactOptional(),
}) satisfies z.ZodType<SubscribeRequest>;
export const unsubscribeSchema = z.strictObject({ id }) satisfies z.ZodType<UnsubscribeRequest>;
export const authenticateSchema = z.strictObject({ token }) satisfies z.ZodType<AuthenticateRequest>;

const maxSubscriptionsAtConnect = 1000;

/** Newer clients may send more in CONNECT than this hub knows; that must not keep them out. */
export const connectSchema = z.object({
  token,
  protocol: z.number({ error: `must be the protocol that you speak; set it to ${protocolVersion}` }),
  client: z.string({ error: 'must be a text; say what connects and its version, as in my-bot 1.0' }).max(100),
  cursor: sealed.exactOptional(),
  subscriptions: z.array(subscribeSchema).max(maxSubscriptionsAtConnect).exactOptional(),
}) satisfies z.ZodType<ConnectAuth>;

/** No message of the protocol has that many fields; the schemas would look at each of thousands, and list them. */
const maxFields = 32;

function assertFewFields(value: unknown, place: string): void {
  const count = isJsonObject(value) ? Object.keys(value).length : 0;
  if (count > maxFields)
    throw new HubError(
      'invalid-request',
      `${place}: has ${count} fields; none of this protocol has more than ${maxFields}`,
    );
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
  const place = issue === undefined || issue.path.length === 0 ? 'message' : issue.path.map(String).join('.');
  throw new HubError('invalid-request', `${place}: ${issue?.message ?? 'is not of the form that the protocol names'}`);
}

/** Some client libraries can only send texts in the CONNECT payload: a number or JSON in a text is taken for what it says. */
function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @throws HubError unauthenticated without a token, invalid-request, unsupported-protocol */
export function parseConnect(raw: unknown): ConnectAuth {
  if (!isJsonObject(raw) || typeof raw['token'] !== 'string' || raw['token'] === '')
    throw new HubError('unauthenticated', 'auth.token: missing; send a token in the CONNECT payload');
  assertFewFields(raw, 'auth');
  const { protocol, subscriptions } = raw;
  const wanted = fromText(subscriptions);
  if (Array.isArray(wanted) && wanted.length <= maxSubscriptionsAtConnect)
    wanted.forEach((each: unknown, index) => assertFewFields(each, `auth.subscriptions.${index}`));
  const auth = parseUp(connectSchema, {
    ...raw,
    protocol: fromText(protocol),
    ...(wanted === undefined ? {} : { subscriptions: wanted }),
  });
  if (auth.protocol !== protocolVersion)
    throw new HubError(
      'unsupported-protocol',
      `auth.protocol: this hub speaks ${protocolVersion}, the client ${auth.protocol}`,
    );
  return auth;
}

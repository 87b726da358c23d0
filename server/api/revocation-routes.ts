import type { RevocationStore } from '../../channels/ports/revocation-store.ts';
import { z } from 'zod';
import { isWhole, type KeptRevocation, type RevocationTarget } from '../../channels/control/revocation.ts';
import { timeSchema } from '../../channels/contract/common-schema.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { createdJson, json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { schemaBody } from '../http/request-body.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../http/route.ts';
import { clockToleranceMs } from '../config/clock-tolerance.ts';
import type { RevocationFeed } from '../control/revocation-feed.ts';

export interface RevocationRoutesOptions {
  readonly store: RevocationStore;
  readonly feed: RevocationFeed;
  readonly clock: Clock;
  /** No token is good for longer. */
  readonly maxTokenLifetimeMs: number;
}

const text = (max: number): z.ZodString => z.string().min(1).max(max);
const time = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time' });
const bodySchema = z.strictObject({
  token: text(256).exactOptional(),
  subject: text(256).exactOptional(),
  session: text(128).exactOptional(),
  all: z.literal(true).exactOptional(),
  issuedBefore: time.exactOptional(),
  reason: text(500).exactOptional(),
  expiresAt: time.exactOptional(),
});
type Body = z.infer<typeof bodySchema>;

const kinds = ['token', 'subject', 'session', 'all'] as const;

function targetOf(body: Body, nowIso: string): RevocationTarget {
  const given = kinds.filter((kind) => body[kind] !== undefined);
  if (given.length !== 1)
    throw new HubError('invalid-request', `body: exactly one of token, subject, session and all, not ${given.length}`);
  const { token, subject, session, issuedBefore } = body;
  if (issuedBefore !== undefined && (token !== undefined || session !== undefined))
    throw new HubError('invalid-request', 'issuedBefore: only with subject or all');
  const before = issuedBefore === undefined ? nowIso : new Date(issuedBefore).toISOString();
  if (token !== undefined) return { kind: 'token', token };
  if (session !== undefined) return { kind: 'session', session };
  return subject === undefined
    ? { kind: 'all', issuedBefore: before }
    : { kind: 'subject', subject, issuedBefore: before };
}

const revocationBody = schemaBody({
  maxBytes: 8192,
  schema: bodySchema,
  examples: { subject: { subject: 'eve', reason: 'left the company' } },
});

const targetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('token'), token: z.string() }),
  z.object({ kind: z.literal('subject'), subject: z.string(), issuedBefore: timeSchema }),
  z.object({ kind: z.literal('all'), issuedBefore: timeSchema }),
  z.object({ kind: z.literal('session'), session: z.string() }),
]);
const shown = {
  ...{ id: z.string(), target: targetSchema, reason: z.string().exactOptional() },
  ...{ by: z.string(), at: timeSchema, expiresAt: timeSchema },
};
const listContract: RouteContract<'/v1/revocations'> = {
  ...{ id: 'listRevocations', group: 'Operations', summary: 'Revocations that are in force', params: {} },
  errors: ['storage-unavailable'],
};
const revokeContract: RouteContract<'/v1/revocations'> = {
  ...{ id: 'revoke', group: 'Operations', summary: 'Revoke tokens, or end a session', params: {} },
  description: 'Exactly one of `token`, `subject`, `session` and `all`.',
  errors: ['storage-unavailable'],
};
const told = z
  .boolean()
  .meta({ description: 'False: nodes that the control bus does not reach hear of it within 10 s.' });

/** Without storage metadata and the tenant, which is the caller's. */
function shownOf({ tenant: _tenant, kind: _kind, v: _v, ...shown }: KeptRevocation): object {
  return shown;
}

/** Administrators revoke tokens of their own tenant before they expire. It cannot be undone: issue new tokens. */
export function revocationRoutes({
  store,
  feed,
  clock,
  maxTokenLifetimeMs,
}: RevocationRoutesOptions): readonly Route[] {
  const list = async ({ principal }: SignedInCall): Promise<object> => {
    const found = await store.revocations({ tenant: principal.tenant, nowMs: clock.now() });
    return { revocations: found.filter(isWhole).map((each) => shownOf(each)) };
  };

  const revoke = async (request: SignedInRequest<unknown, Body>): Promise<object> => {
    const { tenant, sub } = request.principal;
    const body = await request.body();
    const nowMs = clock.now();
    const expiresAtMs =
      body.expiresAt === undefined ? nowMs + maxTokenLifetimeMs + clockToleranceMs : Date.parse(body.expiresAt);
    if (expiresAtMs <= nowMs) throw new HubError('invalid-request', 'expiresAt: must be in the future');
    const { revocation, told } = await feed.revoke({
      tenant,
      target: targetOf(body, new Date(nowMs).toISOString()),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      by: sub,
      expiresAt: new Date(expiresAtMs).toISOString(),
    });
    return { ...shownOf(revocation), told };
  };

  const common = { path: '/v1/revocations', access: 'administer' } as const;
  return [
    route({
      ...{ ...common, method: 'GET', contract: listContract },
      answer: json(z.object({ revocations: z.array(z.object(shown)) })),
      handle: list,
    }),
    route({
      ...{ ...common, method: 'POST', contract: revokeContract, body: revocationBody },
      answer: createdJson(z.object({ ...shown, told })),
      handle: revoke,
    }),
  ];
}

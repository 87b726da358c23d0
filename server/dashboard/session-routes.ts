import { z } from 'zod';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json, jsonAnswer, jsonOf, ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { schemaBody } from '../http/request-body.ts';
import { type Call, type PublicRequest, type Route, route } from '../http/route.ts';
import type { HttpRequest, HttpResponse } from '../transport/http.ts';
import { assertLocal } from './local-request.ts';
import { type SignedIn, type SignIn, signInSeconds } from './sign-in.ts';

export interface SessionRoutesOptions {
  /** Undefined where the hub signs no tokens itself: then a page is signed in with a token from elsewhere. */
  readonly signIn: SignIn | undefined;
  /** Path under which browsers reach the hub, with a slash at both ends. */
  readonly basePath: string;
}

const maxBytes = 16 * 1024;
const role = z.string().max(128).exactOptional();
const beginSchema = z.strictObject({ code: z.string().max(4096), role });
const tokenSchema = z.strictObject({ role });
type BeginBody = z.infer<typeof beginSchema>;
type TokenBody = z.infer<typeof tokenSchema>;

const beginBody = schemaBody({ maxBytes, schema: beginSchema });
const tokenBody = schemaBody({ maxBytes, schema: tokenSchema, ifEmpty: {} });

const howSchema = z.object({ signIn: z.enum(['token', 'development']) });
const signedInSchema = z
  .object({
    ...{ token: z.string(), expiresInMs: z.int(), sub: z.string(), tenant: z.string() },
    ...{ role: z.string(), roles: z.array(z.string()) },
  })
  .meta({ id: 'SignedIn' }) satisfies z.ZodType<SignedIn>;
const begunAnswer = ownResponse(jsonAnswer(signedInSchema, { about: 'Signed in; sets a cookie for this path.' }));
const endedAnswer = ownResponse({ status: 204, about: 'Signed out' });
const ofPages = { group: 'Session', params: {} } as const;
const refusals = ['not-found', 'forbidden', 'unsupported-media-type', 'unauthenticated', 'token-expired'] as const;
const contracts = {
  how: { ...ofPages, id: 'getSignIn', summary: 'How the dashboard signs in', errors: [] },
  begin: { ...ofPages, id: 'signIn', summary: 'Sign in with the code of a development hub', errors: refusals },
  token: { ...ofPages, id: 'getSessionToken', summary: 'A token of the session, for a role', errors: refusals },
  end: { ...ofPages, id: 'signOut', summary: 'End the session', errors: refusals },
} as const satisfies Record<string, RouteContract>;

/** Browsers send cookies to all ports of a host: without the port two hubs of a machine would sign each other's pages out. */
function cookieNameOf({ headers }: HttpRequest): string {
  return `pursight-session-${/:(\d+)$/.exec(headers['host'] ?? '')?.[1] ?? '80'}`;
}

function cookieOf(http: HttpRequest): string {
  const name = cookieNameOf(http);
  const pairs = (http.headers['cookie'] ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** A form of another site cannot send this media type without asking first. */
function assertJson({ headers }: HttpRequest): void {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    throw new HubError('unsupported-media-type', 'content-type: use application/json');
}

function withCookie(response: HttpResponse, cookie: string, seconds: number): HttpResponse {
  const limited = `${cookie}; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
  return { ...response, headers: { ...response.headers, 'set-cookie': limited } };
}

/**
 * How the dashboard gets its tokens. The cookie is taken here only, never by the routes of the catalog, and only from pages of
 * the hub on its own machine.
 */
export function dashboardSessionRoutes({ signIn, basePath }: SessionRoutesOptions): readonly Route[] {
  const path = '/v1/session';
  const cookie = (http: HttpRequest, value: string): string =>
    `${cookieNameOf(http)}=${value}; Path=${basePath}v1/session`;
  const local = ({ http }: Call): SignIn => {
    if (signIn === undefined) throw new HubError('not-found', 'sign in with a token: this hub makes none');
    assertLocal(http);
    assertJson(http);
    return signIn;
  };

  const how = ({ http }: Call): object => {
    try {
      assertLocal(http);
      return { signIn: signIn === undefined ? 'token' : 'development' };
    } catch {
      return { signIn: 'token' };
    }
  };
  const begin = async (request: PublicRequest<unknown, BeginBody>): Promise<HttpResponse> => {
    const own = local(request);
    const body = await request.body();
    const { session, signedIn } = await own.begin(body.code, body.role);
    return withCookie(jsonOf(signedIn), cookie(request.http, session), signInSeconds);
  };
  const token = async (request: PublicRequest<unknown, TokenBody>): Promise<object> =>
    local(request).token(cookieOf(request.http), (await request.body()).role);
  const end = async (request: Call): Promise<HttpResponse> => {
    const own = local(request);
    // one that is over already has nothing left to end
    await own.end(cookieOf(request.http)).catch(() => undefined);
    return withCookie({ status: 204 }, cookie(request.http, ''), 0);
  };

  const common = { access: 'public' } as const;
  const post = { ...common, method: 'POST' } as const;
  return [
    route({ ...common, method: 'GET', path, contract: contracts.how, answer: json(howSchema), handle: how }),
    route({ ...post, path, contract: contracts.begin, body: beginBody, answer: begunAnswer, handle: begin }),
    route({
      ...{ ...post, path: `${path}/token`, contract: contracts.token, body: tokenBody },
      answer: json(signedInSchema),
      handle: token,
    }),
    route({ ...common, method: 'DELETE', path, contract: contracts.end, answer: endedAnswer, handle: end }),
  ];
}

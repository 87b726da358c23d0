import type { Principal } from '../../channels/policy/principal.ts';
import type { HttpRequest, HttpResponse } from '../transport/http.ts';
import type { Answer } from './answers.ts';
import type { AnswerContract, BodyContract, forBrowsers, RouteContract } from './contract.ts';
import { type NoParameters, type Query, type QueryDeclaration, assertDeclared, queryOf } from './query.ts';
import { type BodyDeclaration, noBody } from './request-body.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Any valid token, or a principal to whom the policy grants the action. */
export type SignedInAccess = 'signed-in' | 'administer' | 'operate';
/** Anybody, or who the handler itself lets in: where a refusal must not be an error answer, or a call holds no place of a request. */
type OpenAccess = 'public' | 'own';
export type RouteAccess = OpenAccess | SignedInAccess;

/** One request for a route, after its access was checked. */
export interface Call {
  readonly http: HttpRequest;
  /** Decoded `:name` parts of the path, and a `*name` at its end as it was written, with what slashes it has. */
  readonly params: Readonly<Record<string, string>>;
}

/** One of which it is known who asks. */
export interface SignedInCall extends Call {
  readonly principal: Principal;
}

/** What a handler of a public route gets. */
export interface PublicRequest<Parameters, Body> extends Call {
  readonly query: Parameters;
  /** Reads the body as it was declared; a route that declares none has none. @throws as the declaration says */
  readonly body: () => Promise<Body>;
}

/** What any other handler gets. */
export type SignedInRequest<Parameters, Body> = PublicRequest<Parameters, Body> & SignedInCall;

interface RouteBase<Path extends string = string> {
  readonly method: Method;
  /** `/v1/things/:id`, or `/v1/things/*id` where an id may hold slashes. */
  readonly path: Path;
  /** What clients are told of it in /v1/openapi.json. */
  readonly contract: RouteContract<Path> | typeof forBrowsers;
}

/** What is described of a route beside what it says itself. */
interface Described extends RouteBase {
  readonly query: QueryDeclaration;
  readonly body: BodyContract | undefined;
  readonly answers: readonly AnswerContract[];
}

/** A declared route, as the router serves it: `respond` is only called if `access` allows it. */
export type Route =
  | (Described & { readonly access: OpenAccess; readonly respond: (call: Call) => Promise<HttpResponse> })
  | (Described & {
      readonly access: SignedInAccess;
      readonly respond: (call: SignedInCall) => Promise<HttpResponse>;
    });

interface Declaration<Path extends string, Declared, Body, Value> extends RouteBase<Path> {
  /** Parameters of the query, parsed in this order before the handler runs. Others are refused, of open routes passed over. @default none */
  readonly query?: Declared;
  /** @default none: the body is not read */
  readonly body?: BodyDeclaration<Body>;
  /** How what the handler gives is sent. */
  readonly answer: Answer<Value>;
}

interface PublicDeclaration<
  Path extends string = string,
  Declared extends QueryDeclaration = NoParameters,
  Body = undefined,
  Value = unknown,
> extends Declaration<Path, Declared, Body, Value> {
  readonly access: OpenAccess;
  readonly handle: (request: PublicRequest<Query<Declared>, Body>) => Value | Promise<Value>;
}

interface SignedInDeclaration<
  Path extends string = string,
  Declared extends QueryDeclaration = NoParameters,
  Body = undefined,
  Value = unknown,
> extends Declaration<Path, Declared, Body, Value> {
  readonly access: SignedInAccess;
  readonly handle: (request: SignedInRequest<Query<Declared>, Body>) => Value | Promise<Value>;
}

function requestOf<Declared extends QueryDeclaration, Body, Given extends Call>(
  { query, body }: Pick<Declaration<string, Declared, Body, unknown>, 'query' | 'body'>,
  call: Given,
): Given & PublicRequest<Query<Declared>, Body> {
  // what is not declared has the type that nothing has
  const declared = (body ?? noBody) as BodyDeclaration<Body>;
  return { ...call, query: queryOf(query, call.http.query), body: () => declared.read(call.http) };
}

/**
 * The one way to make a route: who may use it, what it reads and what it answers are declared, and the router holds
 * requests to it. What the handler throws becomes an error answer.
 */
export function route<
  const Path extends string,
  Declared extends QueryDeclaration = NoParameters,
  Body = undefined,
  Value = unknown,
>(declaration: PublicDeclaration<Path, Declared, Body, Value>): Route;
export function route<
  const Path extends string,
  Declared extends QueryDeclaration = NoParameters,
  Body = undefined,
  Value = unknown,
>(declaration: SignedInDeclaration<Path, Declared, Body, Value>): Route;
export function route<
  const Path extends string,
  Declared extends QueryDeclaration = NoParameters,
  Body = undefined,
  Value = unknown,
>(
  declaration: PublicDeclaration<Path, Declared, Body, Value> | SignedInDeclaration<Path, Declared, Body, Value>,
): Route {
  const { method, path, contract, answer, query = {}, body } = declaration;
  const described = { method, path, contract, query, body: body?.contract, answers: answer.contract };
  if (declaration.access === 'public' || declaration.access === 'own') {
    const { access, handle } = declaration;
    return { ...described, access, respond: async (call) => answer.of(await handle(requestOf(declaration, call))) };
  }
  const { access, handle } = declaration;
  const respond = async (call: SignedInCall): Promise<HttpResponse> => {
    assertDeclared(query, call.http.query);
    return answer.of(await handle(requestOf(declaration, call)));
  };
  return { ...described, access, respond };
}

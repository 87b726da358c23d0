import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import { openApiDocument, templateOf } from '../../server/contracts/openapi-document.ts';
import { type DescribedRoute, isDescribed } from '../../server/contracts/openapi-operation.ts';
import { matchPath } from '../../server/http/match-path.ts';
import { routesOf } from './all-routes.ts';
import { closed } from './closed-schema.ts';

/** An answer as a client got it. */
export interface SeenAnswer {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

/** What /v1/openapi.json says, as something that answers are held to. */
export class ApiDescription {
  readonly document: JsonObject;
  readonly routes: readonly DescribedRoute[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(routes: readonly DescribedRoute[], document: JsonObject) {
    this.routes = routes;
    this.document = document;
    const { schemas } = document['components'] as { schemas: JsonObject };
    this.#ajv.addSchema(closed(document, schemas) as object, 'api');
  }

  routeOf(method: string, path: string): DescribedRoute | undefined {
    const served = method === 'HEAD' ? 'GET' : method;
    return this.routes.find((route) => route.method === served && matchPath(route.path, path) !== undefined);
  }

  /** What of the answer is not as described; undefined for what no route has answered. */
  faultOf({ method, path, status, contentType, text }: SeenAnswer): string | undefined {
    const route = this.routeOf(method, path);
    if (route === undefined || path.startsWith('/v1/errors/')) return undefined;
    // of a node that lacks the component
    if (status === 404 && text.includes('"detail":"no such route"')) return undefined;
    const operation = pointer('paths', templateOf(route.path), route.method.toLowerCase());
    const found = this.#at('paths', templateOf(route.path), route.method.toLowerCase(), 'responses', String(status));
    const place = `${route.method} ${route.path} ${status}`;
    if (found === undefined) return `${place}: the status is not described: ${text.slice(0, 300)}`;
    const mediaType = contentType.split(';')[0] ?? '';
    const content = isJsonObject(found) ? found['content'] : undefined;
    if (text === '') return undefined;
    if (!isJsonObject(content) || content[mediaType] === undefined)
      return `${place}: ${mediaType} is not described: ${text.slice(0, 300)}`;
    if (!mediaType.endsWith('json')) return undefined;
    const where = `${operation}/${pointer('responses', String(status), 'content', mediaType, 'schema')}`;
    const texts = mediaType === 'application/x-ndjson' ? text.split('\n').filter((line) => line !== '') : [text];
    const faults = texts.flatMap((each) => this.#faultsOf(where, each));
    return faults.length === 0 ? undefined : `${place}: ${faults.slice(0, 5).join('; ')}: ${text.slice(0, 1000)}`;
  }

  #faultsOf(where: string, text: string): readonly string[] {
    const validate = this.#validators.get(where) ?? this.#ajv.compile({ $ref: `api#/${where}` });
    this.#validators.set(where, validate);
    if (validate(JSON.parse(text))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  #at(...path: readonly string[]): JsonValue | undefined {
    let value: JsonValue | undefined = this.document;
    for (const part of path) value = isJsonObject(value) ? value[part] : undefined;
    return value;
  }
}

let described: Promise<ApiDescription> | undefined;

/** Of a process with all components. */
export function apiDescription(): Promise<ApiDescription> {
  described ??= routesOf().then((routes) => {
    return new ApiDescription(routes.filter(isDescribed), openApiDocument({ routes, basePath: '/' }));
  });
  return described;
}

/** Throws for an answer that /v1/openapi.json does not describe. */
export async function assertDescribed(answer: SeenAnswer): Promise<void> {
  const fault = (await apiDescription()).faultOf(answer);
  if (fault !== undefined) throw new Error(`not as /v1/openapi.json describes it: ${fault}`);
}

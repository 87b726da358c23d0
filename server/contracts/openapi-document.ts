import type { JsonObject } from '../../channels/event/json.ts';
import { type RouteGroup, routeGroups } from '../http/contract.ts';
import type { Route } from '../http/route.ts';
import { grouped } from './grouped.ts';
import { type DescribedRoute, isDescribed, operationOf, sharedHeaders } from './openapi-operation.ts';
import { SchemaCatalog } from './schema-catalog.ts';

const description = `The HTTP API of PurSight Hub. Errors are problem details (RFC 9457) with a code of a closed list, in \`code\`.
Clients must ignore members that they do not know. The same events over a WebSocket are described in /v1/asyncapi.json.`;

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of the tenant.' },
  ticket: { type: 'apiKey', in: 'query', name: 'ticket', description: 'A stream ticket: for this one stream.' },
} as const;

/** Of the API: what is added to it does not change the number. */
const version = '1';

export interface DocumentFacts {
  readonly routes: readonly Route[];
  /** Path under which clients reach the hub, with a slash at both ends. */
  readonly basePath: string;
}

/** `{name}` for a parameter; one with slashes is not told apart there. */
export function templateOf(path: string): string {
  return path.replaceAll(/(?<=\/)[:*](\w+)/g, '{$1}');
}

function pathsOf(routes: readonly DescribedRoute[], schemas: SchemaCatalog): JsonObject {
  const byPath = grouped(routes, ({ path }) => templateOf(path));
  return Object.fromEntries(
    [...byPath].map(([path, own]) => [
      path,
      Object.fromEntries(own.map((route) => [route.method.toLowerCase(), operationOf(route, schemas)])),
    ]),
  );
}

function isGroup(name: string): name is RouteGroup {
  return name in routeGroups;
}

/** What this process serves over HTTP, as OpenAPI 3.1: made of the declarations by which it is served. */
export function openApiDocument({ routes, basePath }: DocumentFacts): JsonObject {
  const schemas = new SchemaCatalog('draft-2020-12');
  const order = Object.keys(routeGroups).filter(isGroup);
  const described = routes
    .filter(isDescribed)
    .toSorted((one, other) => order.indexOf(one.contract.group) - order.indexOf(other.contract.group));
  const paths = pathsOf(described, schemas);
  const used = new Set(described.map(({ contract }) => contract.group));
  return {
    openapi: '3.1.1',
    info: { title: 'PurSight Hub', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: basePath === '/' ? '/' : basePath.replace(/\/$/, '') }],
    tags: order.filter((name) => used.has(name)).map((name) => ({ name, description: routeGroups[name] })),
    paths,
    components: { schemas: schemas.shared, headers: sharedHeaders, securitySchemes },
  };
}

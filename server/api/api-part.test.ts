import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type SearchRoutesOptions, searchRoutes } from '../search/search-routes.ts';
import { type ApiPartOptions, createApiPart } from './api-part.ts';

const options = { settings: {}, access: () => ({}), intake: () => ({}), connectors: new Map() };
const routes = [
  ...(createApiPart(options as unknown as ApiPartOptions).routes ?? []),
  ...searchRoutes(options as unknown as SearchRoutesOptions),
];
const guide = readFileSync('docs/http.md', 'utf8');

/** A route as docs/http.md writes it, up to what it adds for its query and body. */
const written = (method: string, path: string): string => `\`${method} ${path.replaceAll(/[:*](\w+)/g, '<$1>')}`;

it('every route is declared once, and described', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
  expect(
    routes.filter(
      ({ method, path }) => !guide.includes(written(method, path.replace(/connectors\/:connector/, 'connectors/:id'))),
    ),
  ).toEqual([]);
});

it('no route of the catalog or of its administration is public; what it needs is what the guide says', () => {
  const lines = guide.split('\n');
  for (const { method, path, access } of routes) {
    const name = written(method, path.replace(/connectors\/:connector/, 'connectors/:id'));
    const line = lines.find((each) => each.startsWith('| `') && each.includes(name)) ?? '';
    const needs = line.split('|')[2] ?? '';
    expect(access, name).not.toBe('public');
    if (access !== 'signed-in') expect(needs, name).toContain(access);
    else expect(needs, name).toMatch(/read|ingest/);
  }
});

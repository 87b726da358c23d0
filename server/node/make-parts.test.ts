import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { partsOf, routesOf } from '../../test/harness/all-routes.ts';
import { componentNames, parseComponents } from './components.ts';
import type { NodeParts } from './make-parts.ts';

it.each([
  [['worker'], 3, 'whom to believe and what takes in, before what does jobs'],
  [['ingest'], 2, 'what takes in, before what reads the topics'],
  [['gateway'], 2, 'who may come in, before who holds the connections'],
  [['search'], 2, 'who may come in, before the routes'],
  [['api'], 3, 'both before the routes'],
  [['gateway', 'ingest', 'worker', 'search', 'api'], 7, 'each once'],
] as const)('a process with %s makes %i parts: %s', async (components, count, _what) => {
  const { parts } = await partsOf(...components);
  expect(parts.length).toBe(count);
});

it('only a gateway holds connections, and only a node with gateway, search or api has routes', async () => {
  const found = await Promise.all(
    (['gateway', 'ingest', 'worker', 'search', 'api'] as const).map((name) => partsOf(name)),
  );
  expect(found.map(({ clients }) => clients !== undefined)).toEqual([true, false, false, false, false]);
  expect(found.map(({ parts }) => parts.some(({ routes = [] }) => routes.length > 0))).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});

it('parts are made in the order of the table, however they are asked for', async () => {
  const one = await partsOf('gateway', 'ingest', 'worker', 'search', 'api');
  const other = await partsOf('api', 'search', 'worker', 'ingest', 'gateway');
  const shapes = ({ parts }: NodeParts): readonly string[] => parts.map((part) => Object.keys(part).join());
  expect(shapes(other)).toEqual(shapes(one));
  expect([...parseComponents(undefined, 'cluster')]).toEqual(componentNames);
});

describe('docs/http.md', () => {
  /** As routes are compared: a parameter has a place, its name is for readers. */
  const nameOf = (method: string, path: string): string =>
    `${method} ${path.replaceAll(/[:*]\w+|<\w+>/g, '<>').replace(/\?.*$/, '')}`;

  /** Every route of the table, with what its line says that it needs. */
  const described = readFileSync('docs/http.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => {
      const [, names = '', needs = ''] = line.split('|');
      const routes = [...names.matchAll(/`([A-Z]+) (\/[^`]*)`/g)];
      return routes.map(([, method = '', path = '']) => ({ name: nameOf(method, path), needs }));
    });

  it('describes every route that a part declares, each once, and no other', async () => {
    const names = (await routesOf()).map(({ method, path }) => nameOf(method, path));
    expect(described.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  it('says what each needs; of the API only sign-in, the pages of errors and the descriptions need no token', async () => {
    for (const { method, path, access } of await routesOf()) {
      const name = nameOf(method, path);
      const { needs = '' } = described.find((each) => each.name === name) ?? {};
      const isOpen =
        !/^\/(v1|graphql)(\/|$)/.test(path) || /^\/v1\/(session(\/|$)|errors\/|(open|async)api\.json$)/.test(path);
      expect(access === 'public', name).toBe(isOpen);
      if (access === 'public') expect(needs, name).toContain('nothing');
      else if (access === 'signed-in' || access === 'own') expect(needs, name).toMatch(/read|ingest/);
      else expect(needs, name).toContain(access);
    }
  });
});

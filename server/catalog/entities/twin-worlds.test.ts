import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AssetWorld } from '../../../test/harness/asset-world.ts';
import {
  alertChange,
  assetChange,
  conceptChange,
  definitionChange,
  relationshipChange,
} from '../../../test/harness/changes.ts';
import type { Change } from '../../../channels/catalog/change.ts';
import { documentKinds } from '../../../channels/event/head.ts';

const roles = {
  viewer: [
    { allow: 'read', where: { domain: 'retail' } },
    { allow: 'read', kinds: ['relationship'] },
    { deny: 'read', kinds: ['relationship'], where: { type: 'secret' } },
    { allow: 'write' },
  ],
} as const;

const urn = (name: string): string => `urn:gov:w:${name}`;
let sent = 0;
const facts = (name: string) => ({ urn: urn(name), messageId: `twin-${(sent += 1)}` });

function edge(from: string, to: string, type = 'lineage'): Change {
  const patch = { type, from: urn(from), to: urn(to), lineage: true };
  return relationshipChange(patch, facts(`${type}-${from}-${to}`));
}

/** In both worlds; edges may lead to what only one of them has. */
const visible = (): readonly Change[] => [
  ...['a', 'b', 'c'].map((name) => assetChange({ type: 'table', name, domain: 'retail' }, facts(name))),
  conceptChange({ name: 'balance', domain: 'retail' }, facts('t')),
  conceptChange({ name: 'Retail' }, { ...facts('d'), urn: 'urn:gov:domain:retail', target: 'domain' }),
  ...[edge('a', 'b'), edge('b', 'h0'), edge('h0', 'c'), edge('h1', 'a')],
];

const hidden: Readonly<Record<string, (name: string) => Change>> = {
  asset: (name) => assetChange({ type: 'table', name: 'secret', domain: 'risk' }, facts(name)),
  term: (name) => conceptChange({ name: 'secret', domain: 'risk' }, facts(name)),
  domain: (name) => conceptChange({ name: 'secret' }, { ...facts(name), target: 'domain' }),
  team: (name) => conceptChange({ name: 'secret' }, { ...facts(name), target: 'team' }),
  definition: (name) => definitionChange({ scheme: 'secret', name }, facts(name)),
  alert: (name) => alertChange({ name: 'secret', subject: urn('a') }, facts(name)),
};
const anyHidden = fc.uniqueArray(
  fc.record({ kind: fc.constantFrom(...Object.keys(hidden)), name: fc.constantFrom('h0', 'h1', 'h2', 'h3') }),
  { minLength: 1, maxLength: 4, selector: ({ name }) => name },
);
const anyEdges = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'h0'), fc.constantFrom('c', 'h1', 'a')), {
  maxLength: 3,
  selector: String,
});

/** Everything that the viewer asks, without the times at which the worlds were made. */
async function seenIn(world: AssetWorld): Promise<readonly string[]> {
  const names = ['a', 'b', 'c', 't', 'h0', 'h1', 'h2', 'h3'];
  const requests: (readonly [string, string, object?])[] = [
    ...documentKinds.flatMap((kind) =>
      ['', '?sort=-name&limit=2'].map((query) => ['GET', `/v1/${kind}s${query}`] as const),
    ),
    ...names.flatMap((name) => {
      const at = encodeURIComponent(urn(name));
      const reads = documentKinds.map((kind) => ['GET', `/v1/${kind}s/${at}`] as const);
      const graphs = ['lineage', 'lineage?depth=1', 'impact'].map(
        (part) => ['GET', `/v1/assets/${at}/${part}`] as const,
      );
      const ends = { type: 'joins', from: urn('a'), to: urn(name) };
      const writes = [
        ['PATCH', `/v1/terms/${at}`, { nothing: 1 }],
        ['DELETE', `/v1/teams/${at}`],
        ['POST', '/v1/relationships', name.startsWith('h') ? ends : {}],
      ] as const;
      return [...reads, ...graphs, ...writes];
    }),
  ];
  const seen: string[] = [];
  for (const [method, path, body] of requests) {
    const answer = await world.call(method, path, { role: 'viewer', body, headers: { 'if-match': '*' } });
    const text = JSON.stringify([method, path, answer.status, answer.body, answer.headers]);
    seen.push(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time'));
  }
  return seen;
}

it('P10 S4 S8 whether something that a viewer may not see exists shows in no route', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(anyHidden, anyEdges, async (documents, edges) => {
    await using world = await AssetWorld.embedded(roles);
    await using twin = await AssetWorld.embedded(roles);
    await world.send(
      ...visible(),
      ...documents.map(({ kind, name }) => hidden[kind]?.(name) ?? edge('a', 'a', 'secret')),
    );
    await world.send(...edges.map(([from, to]) => edge(from, to, 'secret')));
    await twin.send(...visible());
    const seen = await seenIn(world);
    expect(seen).toEqual(await seenIn(twin));
    expect(seen.join('')).not.toContain('secret');
  });
  await fc.assert(property, { numRuns: 6 });
});

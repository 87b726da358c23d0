import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AssetWorld, type CallOptions, type EmbeddedAssetWorld } from '../../../test/harness/asset-world.ts';
import { assetChange, minute, relationshipChange } from '../../../test/harness/changes.ts';
import { assetRoles } from '../../../test/harness/asset-fixture.ts';

const roles = {
  ...assetRoles,
  own: [
    { allow: 'read', kinds: ['relationship'] },
    { allow: 'read', where: { domain: 'retail' } },
  ],
  fewEdges: [{ allow: 'read' }, { deny: 'read', where: { kind: 'relationship', type: 'hidden' } }],
} as const;
let world: EmbeddedAssetWorld;
beforeEach(async () => {
  world = await AssetWorld.embedded(roles);
});
afterEach(async () => world[Symbol.asyncDispose]());

const urnOf = (name: string): string => `urn:gov:lake:${name}`;
let sent = 0;

/** `a>b` is an edge of lineage; a name that begins with `x` is in a domain that few may see. */
async function graph(...edges: readonly string[]): Promise<void> {
  const pairs = edges.map((edge) => edge.split('>'));
  const names = new Set(pairs.flat());
  const changes = [...names].map((name) => {
    const owners = { mode: 'state', list: [{ id: `owner-of-${name}`, type: 'user' }] } as const;
    const domain = name.startsWith('x') ? 'risk' : 'retail';
    return assetChange({ type: 'table', name, domain, owners }, { urn: urnOf(name), messageId: `m${(sent += 1)}` });
  });
  await world.send(
    ...changes,
    ...pairs.map(([from = '', to = '']) =>
      relationshipChange(
        { type: 'lineage', from: urnOf(from), to: urnOf(to), lineage: true },
        { urn: urnOf(`${from}>${to}`), messageId: `m${(sent += 1)}`, time: minute(1) },
      ),
    ),
  );
}

interface Answer {
  readonly nodes: readonly { readonly entity: { readonly urn: string }; readonly distance: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  readonly cut?: string;
}

const short = (urn: string): string => urn.replace(urnOf(''), '');

async function lineage(name: string, query = '', options: CallOptions = {}) {
  const { body } = await world.call('GET', `/v1/assets/${encodeURIComponent(urnOf(name))}/lineage?${query}`, options);
  const { nodes, edges, cut } = body as unknown as Answer;
  return {
    nodes: nodes.map(({ entity, distance }) => `${short(entity.urn)}${distance}`),
    edges: edges.map(({ from, to }) => `${short(from)}>${short(to)}`).toSorted(),
    cut,
  };
}

describe('lineage', () => {
  it('S8 is followed upstream, downstream and both ways, by the distance of each node', async () => {
    await graph('a>b', 'b>c', 'c>d', 'z>c', 'c>b');
    expect(await lineage('c', 'direction=upstream')).toEqual({
      nodes: ['c0', 'b-1', 'z-1', 'a-2'],
      edges: ['a>b', 'b>c', 'c>b', 'z>c'],
      cut: undefined,
    });
    expect((await lineage('c', 'direction=downstream')).nodes).toEqual(['c0', 'b1', 'd1']);
    expect((await lineage('c')).nodes).toEqual(['c0', 'b-1', 'd1', 'z-1', 'a-2']);
  });

  it('S8 is as deep as asked for, and says when more is behind', async () => {
    await graph('a>b', 'b>c', 'c>d');
    expect(await lineage('a', 'depth=2')).toEqual({ nodes: ['a0', 'b1', 'c2'], edges: ['a>b', 'b>c'], cut: 'depth' });
    expect(await lineage('a', 'depth=3')).toMatchObject({ cut: undefined });
  });

  it('P1 ends where somebody may not see on, as if there were nothing', async () => {
    await graph('a>b', 'b>x1', 'x1>c', 'a>c', 'x2>a');
    const seen = await lineage('a', '', { role: 'own' });
    expect(seen).toEqual({ nodes: ['a0', 'b1', 'c1'], edges: ['a>b', 'a>c'], cut: undefined });
    expect((await lineage('b', 'depth=1', { role: 'own' })).cut).toBeUndefined();
    const at = `/v1/assets/${encodeURIComponent(urnOf('x1'))}/lineage`;
    expect(await world.call('GET', at, { role: 'own' })).toMatchObject({ status: 404 });
    expect(await lineage('b')).toMatchObject({ nodes: ['b0', 'a-1', 'x11', 'c2', 'x2-2'] });
  });

  it('P1 an edge that somebody may not see leads nowhere', async () => {
    await graph('a>b');
    await graph('b>c');
    await world.send(
      relationshipChange(
        { type: 'hidden', from: urnOf('a'), to: urnOf('c'), lineage: true },
        { urn: urnOf('hidden'), messageId: 'hidden' },
      ),
    );
    expect(await lineage('a', 'depth=1', { role: 'fewEdges' })).toMatchObject({ nodes: ['a0', 'b1'], edges: ['a>b'] });
    expect((await lineage('a', 'depth=1')).nodes).toEqual(['a0', 'b1', 'c1']);
  });

  it('other edges are none of it, nor what does not exist', async () => {
    await graph('a>b');
    await world.send(
      relationshipChange({ from: urnOf('a'), to: urnOf('c') }, { urn: urnOf('joins'), messageId: 'j' }),
      relationshipChange({ from: urnOf('a'), to: urnOf('none'), lineage: true }, { urn: urnOf('l'), messageId: 'l' }),
    );
    expect(await lineage('a')).toEqual({ nodes: ['a0', 'b1'], edges: ['a>b'], cut: undefined });
  });

  it('S8 is bounded in nodes, the nearest of both directions first, and says so', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => `n${String(index).padStart(4, '0')}`);
    await graph(...many.map((name) => `${name}>hub`), 'hub>down');
    const { nodes, cut } = await lineage('hub');
    expect([nodes.length, cut]).toEqual([1000, 'nodes']);
    expect(await lineage('hub', 'direction=downstream')).toMatchObject({ nodes: ['hub0', 'down1'], cut: undefined });
    const { body } = await world.call('GET', `/v1/assets/${encodeURIComponent(urnOf('n0000'))}/impact`);
    expect(body).toMatchObject({ total: 2 });
  });

  it('S8 is bounded in time, and says so', async () => {
    await graph('a>b');
    world.lineageTimeMs = -1;
    expect(await lineage('a')).toEqual({ nodes: ['a0'], edges: [], cut: 'time' });
  });

  it.each([
    ['direction=sideways', 'direction: must be one of upstream, downstream, both'],
    ['depth=21', 'depth: must be a whole number from 1 to 20'],
  ])('refuses %s', async (query, message) => {
    await graph('a>b');
    const answer = await world.call('GET', `/v1/assets/${encodeURIComponent(urnOf('a'))}/lineage?${query}`);
    expect(answer).toMatchObject({ status: 400, message });
  });

  it('P1 S8 is what a search through all visible edges finds, for any graph', { timeout: 60_000 }, async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'x1', 'x2');
    const anyEdges = fc.uniqueArray(fc.tuple(name, name), { minLength: 1, maxLength: 9, selector: String });
    const depths = fc.integer({ min: 1, max: 4 });
    let run = 0;
    const property = fc.asyncProperty(
      anyEdges,
      fc.constantFrom('steward', 'own'),
      depths,
      async (ends, role, depth) => {
        run += 1;
        const of = (node: string): string => `${node}.${run}`;
        await graph(...ends.map((each) => each.map(of).join('>')), `${of('a')}>${of('a')}`);
        const visible = ends.filter((each) => role === 'steward' || !each.join('').includes('x'));
        const expected = new Map([['a', 0]]);
        for (let distance = 1; distance <= depth; distance++)
          for (const [from, to] of visible)
            if (expected.get(from) === distance - 1 && !expected.has(to)) expected.set(to, distance);
        const { nodes } = await lineage(of('a'), `direction=downstream&depth=${depth}`, { role });
        const sorted = [...expected].map(([node, distance]) => `${of(node)}${distance}`).toSorted();
        expect(nodes.toSorted()).toEqual(sorted);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
});

describe('impact', () => {
  it('counts what is downstream by type and domain, and says who owns it', async () => {
    await graph('a>b', 'b>c', 'b>x1', 'z>a', 'c>a');
    const at = `/v1/assets/${encodeURIComponent(urnOf('a'))}/impact`;
    expect((await world.call('GET', at)).body).toEqual({
      total: 3,
      types: [{ value: 'table', count: 3 }],
      domains: [
        { value: 'retail', count: 2 },
        { value: 'risk', count: 1 },
      ],
      owners: ['b', 'c', 'x1'].map((name) => ({ value: `owner-of-${name}`, count: 1 })),
    });
    const few = await world.call('GET', at, { role: 'own' });
    expect(JSON.stringify(few.body)).not.toMatch(/x1|risk/);
    expect((await world.call('GET', `${at}?depth=1`)).body).toMatchObject({ total: 1, cut: 'depth' });
  });
});

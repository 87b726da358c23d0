import { describe, expect, it } from 'vitest';
import { sampleQuery, sampleRow } from '../../../adapters/contract/search-samples.ts';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { type Deployment, isCurrent, openDeployment, reportOf } from '../../../test/harness/index-deployment.ts';
import { metricValue, silentLogger } from '../../../test/harness/silence.ts';

const begun = ({ standIn }: Deployment): number => standIn.writes.filter((call) => call.includes('swap')).length;

describe('SharedIndexKeeper', { timeout: 30_000 }, () => {
  it('R15 builds the index of all tenants that have documents, answers when it is there, and keeps it up', async () => {
    const deployment = await openDeployment({ taskMs: () => 10 });
    const { documents, world } = deployment;
    for (let urn = 0; urn < 900; urn++) documents.put(sampleAsset('acme', `urn:${urn}`));
    documents.put(sampleAsset('globex', 'urn:x'));
    const keeper = await deployment.node('one');
    await expect(keeper.built()).rejects.toMatchObject({ code: 'not-ready' });
    expect([keeper.state(), (await keeper.status()).documents]).toEqual(['building', 0]);
    await eventually(() => keeper.built());
    expect([await deployment.found(), await deployment.found('', 'globex')]).toEqual([
      deployment.stored(),
      ['urn:x@1'],
    ]);
    await world.change('new', { name: 'invoices' });
    await world.change('large', {}, 'large');
    await world.change('large', { status: 'deleted' });
    await isCurrent(deployment);
    expect(await deployment.found('invoices')).toEqual(['urn:new@1']);
    expect(await keeper.status()).toMatchObject({ engine: 'meilisearch', state: 'up', writer: 'one', behind: 0 });
  });

  it('R15 what is deleted while the catalog is read does not come back', async () => {
    const deployment = await openDeployment();
    const { world } = deployment;
    for (let i = 0; i < 700; i++) await world.change(`a${String(i).padStart(3, '0')}`, {});
    let pages = 0;
    deployment.afterFind = async () => {
      pages += 1;
      if (pages !== 2) return;
      for (const name of ['a000', 'a650']) await world.change(name, { status: 'deleted' });
      await world.change('a001', { name: 'renamed' });
    };
    const keeper = await deployment.node('one');
    await eventually(() => keeper.built());
    await isCurrent(deployment);
    expect([pages, deployment.stored().length]).toEqual([2, 698]);
  });

  it('of several nodes one writes, and the next goes on where it ended, without building anything', async () => {
    const deployment = await openDeployment();
    await deployment.world.change('a', {});
    const one = await deployment.node('one');
    await eventually(() => one.built());
    const two = await deployment.node('two');
    await two.built();
    await deployment.world.change('b', {});
    await isCurrent(deployment);
    expect(await two.status()).toMatchObject({ writer: 'one', state: 'up' });
    await one.stop();
    await deployment.world.change('c', {});
    await isCurrent(deployment);
    expect([(await two.status()).writer, begun(deployment)]).toEqual(['two', 1]);
  });

  it('R15 builds it again when the log has lost what comes next', async () => {
    const deployment = await openDeployment();
    await deployment.world.change('a', {});
    const one = await deployment.node('one');
    await eventually(() => one.built());
    await one.stop();
    await deployment.world.change('a', { name: 'invoices' });
    await deployment.world.change('b', {});
    deployment.log.lose(0, (await deployment.log.ends())[0] ?? 0);
    deployment.log.lose(1, (await deployment.log.ends())[1] ?? 0);
    const two = await deployment.node('two');
    await eventually(() => two.built());
    await isCurrent(deployment);
    expect([await deployment.found('invoices'), begun(deployment)]).toEqual([['urn:a@2'], 2]);
  });

  it('R15 builds it again when somebody has emptied the server', async () => {
    const deployment = await openDeployment();
    for (const name of ['a', 'b', 'c']) await deployment.world.change(name, {});
    const keeper = await deployment.node('one');
    await eventually(() => keeper.built());
    await deployment.index().clear();
    await deployment.world.change('a', { name: 'invoices' });
    await eventually(async () => expect(await deployment.found()).toEqual(deployment.stored()));
    expect(begun(deployment)).toBe(2);
  });

  it('R20 replaces the index when an operator wants it, and nobody who searches meanwhile notices', async () => {
    const deployment = await openDeployment({ taskMs: () => 5 });
    for (let i = 0; i < 30; i++) await deployment.world.change(`a${i}`, {});
    const one = await deployment.node('one');
    const two = await deployment.node('two');
    await eventually(() => two.built());
    const before = (await two.status()).build;
    const reader = deployment.index();
    const seen = new Set<string>();
    let isDone = false;
    const reading = (async () => {
      while (!isDone) {
        const { hits } = await reader.search(sampleQuery({ limit: 1000 }));
        seen.add(JSON.stringify(hits.map(({ urn, version }) => `${urn}@${version}`).toSorted()));
      }
    })();
    const id = await two.order('rebuild');
    expect(await reportOf(two, id)).toMatchObject({ state: 'done', kind: 'rebuild', result: { documents: 30 } });
    isDone = true;
    await reading;
    expect([...seen]).toEqual([JSON.stringify(deployment.stored())]);
    expect([(await one.status()).build === before, begun(deployment)]).toEqual([false, 2]);
  });

  it.each([0, 50])('R20 loses nothing when the answer to a replacement that takes %i ms is lost', async (ms) => {
    const deployment = await openDeployment({ taskMs: () => ms });
    for (let i = 0; i < 5; i++) await deployment.world.change(`a${i}`, {});
    deployment.standIn.losesAnswerTo = 'POST /swap-indexes';
    const keeper = await deployment.node('one');
    await eventually(() => expect(deployment.standIn.losesAnswerTo).toBeUndefined());
    await deployment.world.change('b', {});
    await eventually(() => keeper.built());
    await isCurrent(deployment);
    // the same again, as what is written by the next batch
    await deployment.world.change('c', {});
    await isCurrent(deployment);
    expect([await deployment.index().count(), begun(deployment)]).toEqual([7, 1]);
  });

  it('finds and corrects what is different, when an operator wants it', async () => {
    const deployment = await openDeployment();
    for (const name of ['a', 'b', 'c']) await deployment.world.change(name, {});
    await deployment.world.change('b', {});
    const keeper = await deployment.node('one');
    await eventually(() => keeper.built());
    // as a writer leaves it that wakes up when another has its place
    const frozen = deployment.index();
    const removed = ['urn:a', 'urn:b'].map((urn) => ({ tenant: 'acme', urn, version: 9 }));
    await frozen.apply({ rows: [], removed });
    await frozen.apply({ rows: [sampleRow('urn:b'), sampleRow('urn:gone')], removed: [] });
    const report = await reportOf(keeper, await keeper.order('verify'));
    expect(report).toMatchObject({ state: 'done', result: { checked: 3, missing: 1, outdated: 1, surplus: 1 } });
    expect(await deployment.found()).toEqual(deployment.stored());
  });

  it('R15 corrects by itself what the writer before it still wrote, though its place was taken', async () => {
    const deployment = await openDeployment();
    for (const name of ['a', 'b']) await deployment.world.change(name, {});
    await deployment.world.change('b', {});
    const keeper = await deployment.node('two', { checkAfterMs: 300 });
    await eventually(() => keeper.built());
    const frozen = deployment.index();
    await frozen.apply({ rows: [], removed: [{ tenant: 'acme', urn: 'urn:b', version: 9 }] });
    await frozen.apply({ rows: [sampleRow('urn:b'), sampleRow('urn:gone')], removed: [] });
    expect(await deployment.found()).not.toEqual(deployment.stored());
    await eventually(async () => expect(await deployment.found()).toEqual(deployment.stored()));
  });

  it('says that the engine is away, how far the index is behind, and goes on when it is back', async () => {
    const deployment = await openDeployment();
    const { standIn, log, metrics, world } = deployment;
    await world.change('a', {});
    const keeper = await deployment.node('one');
    await eventually(() => keeper.built());
    standIn.isDown = true;
    log.nowMs = Date.now() - 60_000;
    await world.change('b', {});
    await eventually(() => expect(keeper.state()).toBe('down'));
    await eventually(async () => {
      keeper.refreshGauges();
      expect(await metricValue(metrics, 'searchAppliedLag')).toBeGreaterThan(59);
    });
    expect(await keeper.status()).toMatchObject({ state: 'down', documents: null, writer: 'one' });
    standIn.isDown = false;
    await isCurrent(deployment);
    await eventually(() => expect(keeper.state()).toBe('up'));
  });

  it('counts and names what the engine does not take, and indexes all others', async () => {
    const deployment = await openDeployment({ refuses: ({ u }) => (u === 'urn:b' ? 'not this one' : undefined) });
    for (const name of ['a', 'b', 'c']) await deployment.world.change(name, {});
    const keeper = await deployment.node('one');
    await eventually(() => keeper.built());
    await deployment.world.change('b', {});
    await deployment.world.change('d', {});
    await eventually(async () => expect(await deployment.found()).toEqual(['urn:a@1', 'urn:c@1', 'urn:d@1']));
    const text = await deployment.metrics.registry.metrics();
    expect(text).toContain('pursight_search_unindexed_total{problem="refused"} 2');
  });

  it('puts what changes while one batch is written into the next one', async () => {
    const deployment = await openDeployment({ taskMs: () => 100 });
    await deployment.world.change('a', {});
    const keeper = await deployment.node('one');
    await eventually(() => keeper.built());
    const before = deployment.standIn.writes.length;
    for (let i = 0; i < 60; i++) await deployment.world.change(`b${i % 20}`, {});
    await isCurrent(deployment);
    const batches = deployment.standIn.writes.slice(before).filter((call) => /_t_\w+\/documents$/.test(call));
    expect(batches.length).toBeLessThanOrEqual(4);
  });

  it('R15 an engine that has not written a batch for long is spoken of, and nothing is lost', async () => {
    let taskMs = 0;
    const deployment = await openDeployment({ taskMs: () => taskMs });
    await deployment.world.change('a', {});
    const warnings: unknown[] = [];
    const logger = Object.assign({}, silentLogger, { warn: (_: unknown, text: string) => warnings.push(text) });
    const keeper = await deployment.node('one', { slowAfterMs: 50, logger });
    await eventually(() => keeper.built());
    warnings.length = 0;
    taskMs = 400;
    await deployment.world.change('b', {});
    await eventually(() =>
      expect(warnings).toContainEqual(expect.stringContaining('has not written a batch yet') as unknown),
    );
    taskMs = 0;
    await isCurrent(deployment);
  });
});

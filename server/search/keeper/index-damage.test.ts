import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/harness/eventually.ts';
import { type Deployment, isCurrent, openDeployment, reportOf } from '../../../test/harness/index-deployment.ts';
import type { SharedIndexKeeper } from './shared-index-keeper.ts';

describe('somebody else changes what is on the server', { timeout: 30_000 }, () => {
  /** As an operator would, with the key. */
  const call = async ({ url, standIn }: Deployment, method: string, path: string, body?: object): Promise<void> => {
    const headers = { authorization: `Bearer ${standIn.key}`, 'content-type': 'application/json' };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/${path}`, { method, headers, ...init });
    expect(response.status).toBe(202);
    await response.arrayBuffer();
  };
  const built = async (deployment: Deployment): Promise<SharedIndexKeeper> => {
    for (const name of ['a', 'b', 'c']) await deployment.world.change(name, { name });
    const keeper = await deployment.node('one');
    await isCurrent(deployment);
    // once with the index that was built
    await deployment.world.change('c', { name: 'c' });
    await isCurrent(deployment);
    return keeper;
  };
  const tenantIndex = ({ standIn }: Deployment): string =>
    [...standIn.indexes].find((name) => /_live_t_/.test(name)) ?? expect.unreachable('there is an index of the tenant');
  const isComplete = (deployment: Deployment): Promise<void> =>
    eventually(async () => expect(await deployment.found()).toEqual(deployment.stored()));

  it('R15 an index of a tenant that is removed is filled again with the next change, with its settings', async () => {
    const deployment = await openDeployment();
    await built(deployment);
    const index = tenantIndex(deployment);
    const settings = deployment.standIn.settingsOf(index);
    await call(deployment, 'DELETE', `indexes/${index}`);
    await deployment.world.change('d', { name: 'd' });
    await isComplete(deployment);
    expect(deployment.standIn.settingsOf(index)).toEqual(settings);
  });

  it('R15 a server that is emptied is filled again, also if nothing changes', async () => {
    const deployment = await openDeployment();
    await built(deployment);
    for (const index of [...deployment.standIn.indexes]) await call(deployment, 'DELETE', `indexes/${index}`);
    await isComplete(deployment);
  });

  it('P12 settings that are changed by hand do not fail as a fault of the hub, and verify restores them', async () => {
    const deployment = await openDeployment();
    const keeper = await built(deployment);
    const index = tenantIndex(deployment);
    const settings = deployment.standIn.settingsOf(index);
    await call(deployment, 'PATCH', `indexes/${index}/settings`, {
      filterableAttributes: [],
      displayedAttributes: ['*'],
    });
    await eventually(() =>
      expect(deployment.found()).rejects.toMatchObject({
        code: 'storage-unavailable',
        operatorMessage: expect.stringContaining('pursight search verify') as unknown,
      }),
    );
    expect(await reportOf(keeper, await keeper.order('verify'))).toMatchObject({ state: 'done' });
    expect(deployment.standIn.settingsOf(index)).toEqual(settings);
    await isComplete(deployment);
  });

  it.each([
    ['is beyond the end of the log', { e: 'memory', n: [999, 999] }],
    ['is no position', { e: 7, n: 'x' }],
    ['is of an index that nobody built', { b: {}, q: 'x', e: 'memory', n: [0, 0] }],
  ])('R15 builds the index again where its position %s', async (_what, members) => {
    const deployment = await openDeployment();
    const keeper = await built(deployment);
    await keeper.stop();
    const state = [...deployment.standIn.indexes].find((name) => name.endsWith('_live_state')) ?? '';
    const [tenant, record] = [
      tenantIndex(deployment),
      { id: 'position', s: 1, b: 'x', q: Date.now() + 1e6, ...members },
    ];
    for (const index of [state, tenant]) await call(deployment, 'POST', `indexes/${index}/documents`, [record]);
    await deployment.world.change('d', { name: 'd' });
    await deployment.node('two');
    await isComplete(deployment);
    await isCurrent(deployment);
  });
});

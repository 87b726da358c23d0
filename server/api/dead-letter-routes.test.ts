import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleBatch, sampleDeadLetter } from '../../adapters/contract/samples.ts';
import { testIntake } from '../../test/harness/test-intake.ts';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { createCloudEventsFormat } from '../../adapters/formats/cloudevents/cloudevents-format.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import { metricValue, silentLogger } from '../../test/harness/silence.ts';
import type { Connector } from '../ingest/connector.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { CurrentPolicy } from '../policy/current-policy.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { createRouter } from '../http/router.ts';
import { heldBody } from '../transport/http.ts';

const policy = new CurrentPolicy({
  version: 1,
  roles: {
    operator: [{ allow: 'administer' }],
    feeder: [{ allow: 'administer' }, { allow: 'ingest', connectors: ['lake'] }],
  },
});
const connectorOf = (tenant: string): Connector => ({
  profile: { id: 'lake', tenant, namespace: 'urn:gov:lake', writes: [], scheme: 'lake' },
  format: createCloudEventsFormat(),
  system: 'cloudevents',
  topic: undefined,
});
const event = JSON.stringify({
  specversion: '1.0',
  id: 'e1',
  source: '/lake',
  type: 'gov.asset.created',
  subject: 'orders',
  data: { asset: { type: 'table', name: 'orders' } },
});
const letter = sampleDeadLetter('acme', 'good', {
  connector: 'lake',
  headers: { 'content-type': 'application/cloudevents+json' },
  bytes: Buffer.from(event).toString('base64'),
});

let folder: string;
let environment: EmbeddedEnvironment;
let store: CatalogStore;
let metrics: Metrics;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-letters-'));
  environment = await createEmbeddedEnvironment({ folder });
  store = createEmbeddedCatalogStore({ environment });
  metrics = createMetrics();
  await store.commit(sampleBatch({ deadLetters: [letter] }));
});
afterEach(async () => {
  await environment.close();
  await rm(folder, { recursive: true });
});

interface Call {
  readonly action: 'retry' | 'discard';
  readonly id?: string;
  readonly tenant?: string;
  readonly role: 'operator' | 'feeder';
  /** Tenant that the configuration file gives the connector now. */
  readonly owner?: string;
}

async function call({ action, id = 'good', tenant = 'acme', role, owner = 'acme' }: Call): Promise<unknown> {
  const common = { store, metrics, logger: silentLogger };
  const intake = testIntake(common);
  const connectors = new Map([['lake', connectorOf(owner)]]);
  const routes = deadLetterRoutes({ ...common, policy, intake, connectors });
  const principal: Principal = { tenant, sub: 'ada', roles: [role], claims: {}, expiresAtMs: Number.MAX_SAFE_INTEGER };
  let refused: HubError | undefined;
  const router = createRouter({
    routes,
    policy,
    verify: async () => principal,
    onError: (error) => (refused = error),
  });
  const { body } = await router({
    ...{ method: 'POST', path: `/v1/deadletters/${id}/${action}`, query: new URLSearchParams() },
    headers: { authorization: 'Bearer x' },
    ...heldBody(new Uint8Array()),
    peer: '127.0.0.1',
  });
  if (refused !== undefined) throw refused;
  return JSON.parse(String(body)) as unknown;
}

const documents = (tenant: string): Promise<number> => store.count(tenant);

describe('a dead letter', () => {
  it('I11: is retried by somebody who may ingest for its connector', async () => {
    expect(await call({ action: 'retry', role: 'feeder' })).toEqual({ id: 'good', result: 'accepted' });
    expect([await documents('acme'), await store.deadLetterCount()]).toEqual([1, 0]);
  });

  it('I11: is not retried by somebody who may only administer', async () => {
    await expect(call({ action: 'retry', role: 'operator' })).rejects.toMatchObject({ code: 'forbidden' });
    expect([await documents('acme'), await store.deadLetterCount()]).toEqual([0, 1]);
  });

  it('I11: of a connector that another tenant has now is taken in for neither', async () => {
    const moved = { action: 'retry', role: 'feeder', owner: 'globex' } as const;
    await expect(call(moved)).rejects.toMatchObject({ code: 'unknown-connector' });
    await expect(call({ ...moved, tenant: 'globex' })).rejects.toMatchObject({ code: 'not-found' });
    expect([await documents('acme'), await documents('globex'), await store.deadLetterCount()]).toEqual([0, 0, 1]);
  });

  it('that was cut is not taken in as if it were whole', async () => {
    const cut = { ...letter, id: 'cut', cut: { bytes: 1, headers: 0 } };
    await store.commit(sampleBatch({ deadLetters: [cut] }));
    await expect(call({ action: 'retry', role: 'feeder', id: 'cut' })).rejects.toMatchObject({
      code: 'message-too-large',
    });
  });

  it('that is rejected again stays as it is, and no second one comes of it', async () => {
    const broken = { ...letter, id: 'broken', bytes: Buffer.from('no event').toString('base64') };
    await store.commit(sampleBatch({ deadLetters: [broken] }));
    await expect(call({ action: 'retry', role: 'feeder', id: 'broken' })).rejects.toMatchObject({
      code: 'invalid-json',
    });
    expect(await store.deadLetterCount()).toBe(2);
    expect(await store.deadLetter('acme', 'broken')).toEqual(broken);
  });

  it('I10: is discarded by who may administer its tenant, and counted', async () => {
    await expect(call({ action: 'discard', role: 'operator', tenant: 'globex' })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await call({ action: 'discard', role: 'operator' })).toEqual({ id: 'good', result: 'discarded' });
    expect(await store.deadLetterCount()).toBe(0);
    expect(await metricValue(metrics, 'deadLettersDropped', { connector: 'lake', reason: 'discarded' })).toBe(1);
  });
});

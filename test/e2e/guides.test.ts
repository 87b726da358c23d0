import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../deploy/services/process.mjs';
import { runDocument } from '../harness/doc-commands.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { noticesOf } from '../harness/notices.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = scratchFolder();
const admin = tokenFor({ sub: 'root', tenant: 'demo', roles: ['admin'] });

afterAll(() => folder.remove());

/** `pursight` as it is called when it is installed. */
function pathWithPursight(): string {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  symlinkSync(join(root, 'cli/bin/pursight.mjs'), join(bin, 'pursight'));
  return `${bin}${delimiter}${process.env['PATH']}`;
}

describe('the guides work as they stand', () => {
  let hub: HubProcess;
  let PATH: string;

  beforeAll(async () => {
    PATH = pathWithPursight();
    hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_ENV: 'development' } });
  });

  afterAll(() => hub?.stop());

  async function create(subject: string, asset: object): Promise<void> {
    const event = {
      id: subject,
      type: 'gov.asset.created',
      subject,
      data: { asset: { type: 'table', name: subject, ...asset } },
    };
    expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
  }

  it('docs/cli.md', { timeout: 60_000 }, async () => {
    const output = await runDocument('docs/cli.md', {
      replace: {},
      environment: { PATH, PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: admin },
      meanwhile: () => create('payments', { domain: 'retail', classifications: ['pii/iban'] }),
      until: /^urn:gov:demo:payments$/m,
    });
    expect(output).toContain('"kind":"enter"');
  });

  it('docs/search.md', { timeout: 60_000 }, async () => {
    await create('customer_orders', { domain: 'retail', platform: 'hive' });
    await create('customerAccount', { domain: 'risk', platform: 'kafka' });
    const search = { token: admin, body: '{"q":"customer"}' };
    await eventually(async () =>
      expect((await callApi(hub.url, '/v1/search', search)).body).toMatchObject({ total: { value: 2 } }),
    );
    const output = await runDocument('docs/search.md', {
      replace: {},
      environment: { PATH, PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: admin, HUB: hub.url, TOKEN: admin },
      until: [
        /^enter {3}customerAccount {2}table {2}urn:gov:demo:customerAccount$/m,
        /^\{"hits":\[\{"entity":.*"domain":"retail"/m,
      ],
    });
    expect(output).toMatch(/^customer_orders +table +hive +retail +urn:gov:demo:customer_orders$/m);
    expect(output).toMatch(/^customerAccount +table +kafka +risk/m);
    expect(output).toMatch(/^platform: kafka 1$/m);
    const answers = output.match(/"total":\{"value":1,"relation":"exact"\},"facets":\{"type":\[/g);
    expect(answers).toHaveLength(2);
    expect(output).toMatch(/verify done: checked \d+, missing 0, outdated 0, surplus 0\nrebuild done: documents \d+$/m);
  });

  it('docs/contracts.md', async () => {
    const output = await runDocument('docs/contracts.md', { replace: {}, environment: { HUB: hub.url } });
    expect(output).toContain('"openapi":"3.1.1"');
    expect(output).toContain('"asyncapi":"3.0.0"');
  });

  it('docs/rest.md', { timeout: 60_000 }, async () => {
    const suggested = (scheme: string, name: string): object => ({ scheme, name, state: 'suggested' });
    const city = { name: 'city', classifications: [suggested('geo', 'city'), suggested('pii', 'address')] };
    await create('orders', { description: 'tbl_orders', owners: ['bob'], columns: [{ name: 'email' }, city] });
    await create('customers', {});
    const output = await runDocument('docs/rest.md', { replace: {}, environment: { HUB: hub.url, TOKEN: admin } });
    expect(output).toContain('"description":{"value":"Orders of the shop","source":"tbl_orders","by":"root"');
    expect(output.match(/"path":"\/properties\/[^"]*","new":\{"key":"tier","value":"gold"\}/g)).toHaveLength(1);
    // two decisions, and the three operations of a batch
    expect(output.match(/"result":"done"/g)).toHaveLength(5);
    expect(output).toContain('"description":"Orders of the shop, since 2019"');
    expect(output).toContain('"asset":{"kind":"asset","urn":"urn:gov:hub:');
    expect(output).toMatch(/\{"assets":\[\{"asset":\{"urn":"urn:gov:demo:orders","name":"orders","owners":\[/);
    expect(output).toMatch(/\{"events":\[\{.*"kind":"update"/);
    expect(output).toMatch(/\{"nodes":\[.*"distance":1.*"edges":\[\{"urn":"urn:gov:hub:relationship:/);
    expect(output).toContain('{"total":1,"types":[{"value":"table","count":1}]');
    expect(output).toMatch(/\{"terms":\[\{"term":\{"kind":"term",.*"synonyms":\["account balance"\]/);
    expect(output).toMatch(/"relationship":\{.*"definition":\{/s);
  });

  it('docs/bulk.md', { timeout: 60_000 }, async () => {
    await create('orders', { description: 'tbl_orders', domain: 'retail', owners: ['bob'] });
    const output = await runDocument('docs/bulk.md', { replace: {}, environment: { HUB: hub.url, TOKEN: admin } });
    expect(output).toMatch(/^.?urn,etag,type,name.*\r\n(?:urn:.*\r\n)*urn:gov:demo:orders,"""/m);
    expect(output).toMatch(/"state":"planned","dryRun":true.*"updated":[1-9]/);
    expect(output).toMatch(/"result":"update",.*"path":"\/domain","old":"retail","new":"risk"/);
    expect(output.match(/"line":\d+,"urn":"urn:gov:demo:orders","result":"update","event":"/g)).toHaveLength(1);
    expect(output).toMatch(/\{"jobs":\[\{.*"format":"ndjson"/);
    expect(output).toMatch(/^.?urn,etag,name,owners\r\n/m);
  });

  it('docs/graphql.md', { timeout: 60_000 }, async () => {
    await create('orders', { description: 'tbl_orders', domain: 'retail', owners: ['bob'] });
    await eventually(async () =>
      expect((await callApi(hub.url, '/v1/search', { token: admin, body: '{"q":"orders"}' })).text).toContain(
        ':orders',
      ),
    );
    const output = await runDocument('docs/graphql.md', {
      replace: {},
      environment: { HUB: hub.url, TOKEN: admin },
      meanwhile: () => create('subscribed', { domain: 'retail' }),
      until: [/^event: next\ndata: \{"data":\{"changes":\{"kind":"enter","subject":"urn:gov:demo:subscribed"/m],
    });
    expect(output).not.toContain('"errors"');
    expect(output).toMatch(/"me":\{"sub":"root"\},"asset":\{"name":"orders"/);
    expect(output).toMatch(
      /"entity":\{"urn":"urn:gov:demo:orders","name":"orders"\},"document":\{"kind":"asset","description":/,
    );
    expect(output).toMatch(/"__typename":"Saved","changes":\[\{"path":"\/description","old":/);
  });

  it('docs/streams.md', { timeout: 60_000 }, async () => {
    await create('to-copy', {});
    const output = await runDocument('docs/streams.md', {
      replace: {},
      environment: { HUB: hub.url, TOKEN: admin },
      meanwhile: () => create('streamed', { domain: 'retail' }),
      until: [
        /^event: enter\ndata: \{"kind":"enter",.*"subject":"urn:gov:demo:streamed"/m,
        /^\{"kind":"enter",.*"subject":"urn:gov:demo:streamed"/m,
      ],
    });
    expect(output).toMatch(/^\{"ticket":"[^"]+","expiresAt":/m);
    expect(output.match(/^id: \S+~\S+$/m)).not.toBeNull();
    expect(output).not.toContain('"gap"');
  });

  it('docs/sdk.md', { timeout: 120_000 }, async () => {
    const port = String(await freePort());
    const dataDir = join(folder.path, 'sdk');
    const output = await runDocument('docs/sdk.md', {
      replace: { '8080': port },
      environment: { PURSIGHT_PORT: port, PURSIGHT_URL: `http://127.0.0.1:${port}`, PURSIGHT_DATA_DIR: dataDir },
      until: /Z enter gov\.asset\.created\.v1 urn:gov:demo:shop\/orders/,
    });
    expect(output).toContain('"accepted":1');
  });

  it('docs/operating.md', async () => {
    const client = createHub({ url: hub.url, token: tokenFor({ sub: 'ada', tenant: 'demo', roles: ['steward'] }) });
    const told = noticesOf(client);
    await client.channel('assets').live;
    const { body } = await callApi(hub.url, '/v1/sessions', { token: admin });
    const { sessions } = body as { readonly sessions: readonly { readonly id: string; readonly sub: string }[] };
    const id = sessions.find(({ sub }) => sub === 'ada')?.id ?? '';
    const environment = { HUB: hub.url, TOKEN: admin };
    await runDocument('docs/operating.md', { replace: { '<id>': encodeURIComponent(id) }, environment });
    await eventually(() => expect(told).toContain('disconnected'));
    client.close();
  });
});

describe('the connectors of the guides', () => {
  it('docs/connect-cloudevents.md', { timeout: 60_000 }, async () => {
    const guide = readFileSync(join(root, 'docs/connect-cloudevents.md'), 'utf8');
    const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
    const { connectors } = parse(block) as { connectors: readonly Record<string, unknown>[] };
    const policy = { version: 1, roles: { feed: [{ allow: 'ingest' }, { allow: 'read' }] } };
    // without Kafka, as the comment of the block says
    const file = { policy, connectors: connectors.map(({ topic: _topic, ...connector }) => connector) };
    const hub = await startHubProcess({ file });
    try {
      const token = tokenFor({ tenant: 'northbank', roles: ['feed'] });
      const output = await runDocument('docs/connect-cloudevents.md', {
        replace: {},
        environment: { HUB: hub.url, TOKEN: token },
      });
      expect(output).toContain('"accepted":1');
      const urn = encodeURIComponent('urn:gov:events:northbank:retail/current_accounts');
      const { body } = await callApi(hub.url, `/v1/documents/${urn}`, { token });
      expect(body).toMatchObject({ classifications: [{ scheme: 'pii', name: 'iban' }] });
    } finally {
      await hub.stop();
    }
  });
});

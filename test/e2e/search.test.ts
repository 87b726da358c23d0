import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, testSecrets, tokenFor } from '../harness/hub-process.ts';
import { runCli, startCli } from '../harness/run-cli.ts';

const folder = scratchFolder();
const file = {
  connectors: [{ id: 'events', tenant: 'acme', format: 'cloudevents', namespace: 'urn:gov:acme' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'administer' }, { allow: 'ingest' }, { allow: 'read' }],
      operator: [{ allow: 'operate' }],
      retail: [{ allow: 'read', where: { domain: 'retail' } }],
    },
  },
};
const admin = tokenFor({ roles: ['admin'] });
const retail = tokenFor({ roles: ['retail'] });
let hub: HubProcess;

function start(): Promise<HubProcess> {
  return startHubProcess({ dataDir: folder.path, file });
}

beforeAll(async () => {
  hub = await start();
  await put('customer_orders', { domain: 'retail', platform: 'hive', description: 'Orders of customers' });
  await put('customerAccounts', { domain: 'risk', platform: 'kafka' });
});
afterAll(async () => {
  await hub.stop();
  folder.remove();
});

let serial = 0;
async function put(subject: string, asset: object): Promise<void> {
  const data = { asset: { type: 'table', name: subject, ...asset } };
  const event = { id: `s${++serial}`, type: 'gov.asset.created', subject, data };
  expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
}

interface Found {
  readonly hits: readonly { readonly entity: { readonly name: string } }[];
  readonly total: { readonly value: number };
}

async function names(q: string, token = admin): Promise<readonly string[]> {
  const { status, body } = await callApi(hub.url, `/v1/search?q=${encodeURIComponent(q)}`, { token });
  expect(status).toBe(200);
  return (body as Found).hits.map(({ entity }) => entity.name).toSorted();
}

const both = ['customerAccounts', 'customer_orders'];

describe('search', () => {
  it('finds what was ingested, with typos, for those who may see it', async () => {
    await eventually(async () => expect(await names('custoemr')).toEqual(both));
    expect(await names('custoemr', retail)).toEqual(['customer_orders']);
    expect(await names('accounts', retail)).toEqual([]);
    expect(await names('accounts', tokenFor({ roles: ['admin'], tenant: 'other' }))).toEqual([]);
    expect((await callApi(hub.url, '/v1/search')).status).toBe(401);
  });

  it('takes the same by GET and by POST', async () => {
    const query = 'q=customer&facets=domain,platform&sort=-name&limit=1&highlight=false&strategy=last&filter=%7B%7D';
    const body = { q: 'customer', facets: ['domain', 'platform'], sort: ['-name'], limit: 1, highlight: false };
    const [get, post] = [
      await callApi(hub.url, `/v1/search?${query}`, { token: admin }),
      await callApi(hub.url, '/v1/search', {
        token: admin,
        body: JSON.stringify({ ...body, strategy: 'last', filter: {} }),
      }),
    ];
    expect(get.body).toEqual(post.body);
    expect(get.body).toMatchObject({
      hits: [{ entity: { urn: expect.stringMatching(/^urn:gov:acme:/) } }],
      total: { value: 2, relation: 'exact' },
      facets: {
        domain: [
          { value: 'retail', count: 1 },
          { value: 'risk', count: 1 },
        ],
      },
    });
  });

  it.each([
    ['q=%22a%22&limit=0', 'invalid-request', /^limit/],
    ['limit=ten', 'invalid-request', /^limit/],
    ['highlight=maybe', 'invalid-request', /^highlight/],
    ['facets=name', 'invalid-request', /^facets\.0/],
    ['filter=%7B', 'invalid-json', /^filter/],
    ['channel=nowhere', 'invalid-channel', /known forms/],
    [`q=${'a+'.repeat(11)}`, 'invalid-request', /^q: must have at most 10 words/],
  ])('refuses %s', async (query, code, message) => {
    const { status, body } = await callApi(hub.url, `/v1/search?${query}`, { token: admin });
    expect([status, body]).toEqual([400, expect.objectContaining({ code, detail: expect.stringMatching(message) })]);
  });

  it('refuses a body that is no search', async () => {
    for (const [sent, code] of [
      ['{', 'invalid-json'],
      ['[]', 'invalid-request'],
      ['{"q":"x","query":"x"}', 'invalid-request'],
      [JSON.stringify({ q: 'x'.repeat(70_000) }), 'message-too-large'],
    ]) {
      const { body } = await callApi(hub.url, '/v1/search', { token: admin, body: sent ?? '' });
      expect(body).toMatchObject({ code });
    }
  });

  it('is in the terminal, too', async () => {
    const environment = { PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: admin, PURSIGHT_JWT_SECRET: testSecrets.jwt };
    const shown = await runCli(['search', 'customer', 'ordres', '--facets', 'domain'], { environment });
    expect(shown).toMatchObject({ code: 0, err: expect.stringContaining('1 found') });
    expect(shown.out).toMatch(
      /^NAME +TYPE +PLATFORM +DOMAIN +URN\ncustomer_orders +table +hive +retail +urn:\S+\ndomain: retail 1$/m,
    );
    const json = await runCli(['search', 'orders', '--json'], { environment });
    expect(JSON.parse(json.out)).toMatchObject({
      highlights: [{ field: 'name', text: 'customer_orders', ranges: [[9, 15]] }, {}],
    });
    const refused = await runCli(['search', 'x', '--sort', 'owners'], { environment });
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining('sort.0: must be one of') });
    const nothing = await runCli(['search', 'nothing-of-it'], { environment });
    expect(nothing).toMatchObject({ code: 0, out: '', err: expect.stringContaining('0 found') });
  });

  it('lets operators see its index, compare it with the catalog and build it again, and nobody else', async () => {
    const environment = { PURSIGHT_JWT_SECRET: testSecrets.jwt };
    const run = (command: string, token = tokenFor({ roles: ['operator'] })) =>
      runCli(['search', command, '--url', hub.url, '--token', token], { environment });
    const shown = await run('status');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toMatch(/^engine: +embedded\nstate: +up\ndocuments: +2\nbehind: +0 events\nwritten by: -$/m);
    expect(await run('verify')).toMatchObject({
      ...{ code: 0, err: '' },
      out: 'verify done: checked 2, missing 0, outdated 0, surplus 0\n',
    });
    expect(await run('rebuild')).toMatchObject({ code: 0, out: 'rebuild done: documents 2\n' });
    expect((await run('status')).out).toMatch(/^last order: rebuild done at .*: documents 2$/m);
    expect(await names('customer')).toEqual(both);
    for (const command of ['status', 'verify', 'rebuild']) expect((await run(command, admin)).code).toBe(4);
    // only alone these words are commands
    expect(await runCli(['search', 'status of', '--url', hub.url, '--token', admin], { environment })).toMatchObject({
      code: 0,
      err: expect.stringContaining('0 found'),
    });
  });

  const environment = (): Record<string, string> => ({ PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: admin });

  it('stays live in the terminal: the hits, then a line for each change, until Ctrl-C', async () => {
    const args = ['search', '--live', 'terminal', '--sort', 'name', '--limit', '2'];
    await put('terminal_b', { domain: 'retail' });
    await eventually(async () => expect(await names('terminal')).toEqual(['terminal_b']));
    const live = startCli(args, { environment: environment() });
    await live.heard(/\[1 found\]/);
    await put('terminal_c', { domain: 'retail' });
    await put('terminal_a', { domain: 'retail' });
    await eventually(() => expect(live.out()).toMatch(/terminal_a/));
    await put('terminal_a', { domain: 'risk' });
    await eventually(() => expect(live.out()).toMatch(/update/));
    live.child.kill('SIGINT');
    const { code, out, err } = await live.ended;
    const urn = 'urn:gov:acme:terminal_';
    expect(out.trim().split('\n')).toEqual([
      `enter   terminal_b  table  ${urn}b`,
      `enter   terminal_c  table  ${urn}c`,
      `leave   terminal_c  table  ${urn}c`,
      `enter   terminal_a  table  ${urn}a`,
      `update  terminal_a  table  ${urn}a`,
    ]);
    expect([code, err]).toEqual([0, expect.stringMatching(/^\[live\]\n\[1 found\]/m)]);
  });

  it('stays live as JSON: the result, then what each change makes another', async () => {
    const live = startCli(['search', '--live', 'json', '--facets', 'domain', '--json'], { environment: environment() });
    await eventually(() => expect(live.out()).toContain('"hits"'));
    await put('json_a', { domain: 'retail' });
    await eventually(() => expect(live.out()).toContain('"changes"'));
    live.child.kill('SIGINT');
    const { code, out } = await live.ended;
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { hits: [], total: { value: 0, relation: 'exact' }, facets: { domain: [] } },
      {
        changes: [
          {
            kind: 'enter',
            after: null,
            hit: {
              entity: expect.objectContaining({ name: 'json_a', domain: 'retail' }),
              highlights: [{ field: 'name', text: 'json_a', ranges: [[0, 4]] }],
            },
          },
        ],
        total: { value: 1, relation: 'exact' },
        facets: { domain: [{ value: 'retail', count: 1 }] },
      },
    ]);
    expect(code).toBe(0);
  });

  it('paints a live table in place, on a terminal', async () => {
    const command = `stty cols 70 rows 30; exec ${process.execPath} dist/cli/main.js search --live painted`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, ...environment(), TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    onTestFinished(() => void child.kill());
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await eventually(() => expect(out).toMatch(/0 found {2}\[live\]\r\n$/));
    await put('painted_table', { domain: 'retail' });
    await eventually(() => expect(out).toContain('1 found'));
    const last = out.split('\u001B[J').at(-1) ?? '';
    expect(last.split('\r\n')).toEqual([
      expect.stringMatching(/^NAME +TYPE +PLATFORM +DOMAIN +URN$/),
      expect.stringMatching(/^painted_table +table +retail +urn:gov:a/),
      '1 found  [live]',
      '',
    ]);
    expect(last.split('\r\n').every((line) => line.length <= 70)).toBe(true);
    // one line was there before
    expect(out.split('\u001B[J').at(-2)?.endsWith('\u001B[1A\r')).toBe(true);
    child.stdin.write('\u0003');
    expect(await ended).toBe(0);
  });

  it('says at once what a live search cannot be, and why there is no hub', async () => {
    const refused = await runCli(['search', '--live', 'x', '--sort', 'owners'], { environment: environment() });
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining('sort.0: must be one of') });
    const words = await runCli(['search', '--live', 'a '.repeat(11)], { environment: environment() });
    expect(words).toMatchObject({ code: 5, err: expect.stringContaining('q: must have at most 10 words') });
    const nobody = { ...environment(), PURSIGHT_URL: 'http://127.0.0.1:9' };
    expect(await runCli(['search', '--live', 'x'], { environment: nobody })).toMatchObject({ code: 3 });
  });

  it('has everything again after a restart', async () => {
    await put('late_orders', { domain: 'retail' });
    await hub.stop();
    hub = await start();
    expect(await names('customer')).toEqual(both);
    expect(await names('late', retail)).toEqual(['late_orders']);
  });
});

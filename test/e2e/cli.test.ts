import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractServer } from '../../client-sdk/testing/contract-server.ts';
import type { AnyParts, AnyWireEvent, EnterEvent, WireEvent } from '../../channels/protocol/down.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, testSecrets } from '../harness/hub-process.ts';
import { type CliResult, runCli, startCli } from '../harness/run-cli.ts';

const folder = scratchFolder();
let hub: HubProcess;
let environment: Readonly<Record<string, string>>;

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { environment });

function file(name: string, content: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

let lastId = 0;
function event(type: string, subject: string, data?: object): string {
  lastId += 1;
  return JSON.stringify({
    specversion: '1.0',
    id: `e${lastId}`,
    source: '/test',
    type,
    subject,
    ...(data === undefined ? {} : { data }),
  });
}

function table(subject: string): string {
  return event('gov.asset.created', subject, { asset: { type: 'table', name: subject } });
}

beforeAll(async () => {
  hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_MAX_BODY_BYTES: '20000' } });
  environment = {
    PURSIGHT_URL: hub.url,
    PURSIGHT_DATA_DIR: folder.path,
    PURSIGHT_JWT_SECRET: testSecrets.jwt,
    PURSIGHT_MAX_BODY_BYTES: '20000',
  };
});

afterAll(async () => {
  await hub.stop();
  folder.remove();
});

describe('pursight', () => {
  it('shows its commands, a version, and help with an example for each', async () => {
    const { code, out } = await cli('--help');
    expect(code).toBe(0);
    const commands = ['serve', 'token', 'tail', 'replay', 'search', 'ingest', 'import', 'config', 'doctor', 'demo'];
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect((await cli('--version')).out).toMatch(/^\d+\.\d+\.\d+/);
    const helps = await Promise.all(
      [
        ...commands.map((command) => [command]),
        ['deadletters', 'retry'],
        ['sessions', 'kick'],
        ['journal', 'status'],
        ['jobs', 'cancel'],
      ].map((command) => cli(...command, '--help')),
    );
    for (const help of helps) {
      expect(help.code).toBe(0);
      expect(help.out).toMatch(/Examples?:\n {2}\S/);
    }
  });

  it.each([
    ['an unknown command', ['nonsense']],
    ['no command', []],
    ['a missing argument', ['tail']],
    ['an unknown option', ['config', '--nonsense']],
    ['a filter that is no JSON', ['tail', 'assets', '--filter', '{']],
    ['a count that is no number', ['tail', 'assets', '--count', '0']],
    ['a shape that does not exist', ['tail', 'assets', '--shape', 'round']],
    ['a field that does not exist', ['replay', 'assets', '--since', '2026-01-06T09:30:00Z', '--fields', 'name,colour']],
    ['a replay from nowhere', ['replay', 'assets']],
    ['a time without an offset', ['replay', 'assets', '--since', '2026-01-06T09:30:00']],
    ['a time that is none', ['replay', 'assets', '--since', '2026-13-06T09:30:00Z']],
    ['a format that does not exist', ['ingest', '-', '--format', 'xml']],
    ['retry of nothing', ['deadletters', 'retry']],
    ['a file that is not there', ['import', '/nowhere/at-all']],
    ['an address that is none', ['sessions', 'list', '--url', 'hub']],
  ])('ends with 2 for %s', async (_, args) => {
    expect(await cli(...args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/\S/) });
  });

  it.each([
    ['sessions', 'list'],
    ['tail', 'assets'],
    ['replay', 'assets', '--since', '2026-01-06T09:30:00Z'],
    ['deadletters', 'list'],
    ['ingest', '-', '--format', 'atlas'],
  ])('ends with 3 when no hub is there: %s %s', async (...args) => {
    const given = args.filter((arg) => arg !== undefined);
    const { code, err } = await runCli([...given, '--url', 'http://127.0.0.1:9', '--token', 'x'], { input: '{}' });
    expect(err).toMatch(/cannot reach a hub at http:\/\/127\.0\.0\.1:9 .*pursight serve/);
    expect(code).toBe(3);
  });

  it('ends with 4 and says why when the token is not accepted', async () => {
    const { code, err } = await runCli(['sessions', 'list'], {
      environment: { ...environment, PURSIGHT_JWT_SECRET: 'another-secret-of-enough-length-0123456' },
    });
    expect({ code, err }).toMatchObject({ code: 4, err: expect.stringContaining('PURSIGHT_DATA_DIR') });
    expect((await cli('tail', 'assets', '--token', 'nonsense')).code).toBe(4);
  });

  it('ends with 4 when a role does not allow it', async () => {
    const { out } = await cli('token', '--sub', 'bob', '--roles', 'viewer', '--tenant', 'demo');
    expect(await cli('sessions', 'list', '--token', out.trim())).toMatchObject({
      code: 4,
      err: expect.stringContaining('forbidden'),
    });
  });
});

describe('pursight tail', () => {
  it('prints each event as a line until it has its count', async () => {
    const tail = startCli(['tail', 'assets', '--filter', '{"name":{"$in":["t/1","t/2"]}}', '--count', '2'], {
      environment,
    });
    await tail.heard(/live on assets/);
    await cli(
      'ingest',
      file('tail.ndjson', [table('t/1'), table('t/other'), table('t/2')].join('\n')),
      '--format',
      'cloudevents',
    );
    const { code, out } = await tail.ended;
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { subject: string }).subject),
    ).toEqual(['urn:gov:demo:t/1', 'urn:gov:demo:t/2']);
    expect(code).toBe(0);
  });

  it('ends with 0 at Ctrl-C', async () => {
    const tail = startCli(['tail', 'alerts'], { environment });
    await tail.heard(/live on alerts/);
    tail.child.kill('SIGINT');
    expect(await tail.ended).toMatchObject({ code: 0, out: '' });
  });

  it('ends when whoever reads has enough', async () => {
    const tail = startCli(['tail', 'assets'], { environment });
    await tail.heard(/live on assets/);
    tail.child.stdout?.destroy();
    await cli('ingest', file('epipe.ndjson', table('t/epipe')), '--format', 'cloudevents');
    expect((await tail.ended).code).toBe(0);
  });

  it('prints the shape and the fields that are asked for', async () => {
    const selection = ['--filter', '{"name":"t/shaped"}', '--shape', 'entity', '--fields', 'name', '--count', '1'];
    const tail = startCli(['tail', 'assets', ...selection], { environment });
    await tail.heard(/live on assets/);
    await cli('ingest', file('shaped-tail.ndjson', table('t/shaped')), '--format', 'cloudevents');
    const { code, out } = await tail.ended;
    const { entity, kind } = JSON.parse(out) as EnterEvent<AnyParts>;
    expect({ code, entity, kind }).toEqual({ code: 0, entity: { name: 't/shaped' }, kind: 'enter' });
  });

  it('ends with 5 for a channel that does not exist', async () => {
    expect(await cli('tail', 'nonsense')).toMatchObject({ code: 5, err: expect.stringContaining('invalid-channel') });
  });
});

describe('pursight replay', () => {
  it('prints what has happened since a time, in the order of each entity, and ends', async () => {
    const since = new Date().toISOString();
    const changes = ['replay/1', 'replay/2', 'replay/1'].map((subject, index) =>
      event('gov.asset.created', subject, { asset: { type: 'table', name: `${subject} ${index}` } }),
    );
    await cli('ingest', file('replay.ndjson', changes.join('\n')), '--format', 'cloudevents');
    const selection = ['--since', since, '--filter', '{"urn":{"$startsWith":"urn:gov:demo:replay/"}}'];
    const { code, out, err } = await cli('replay', 'assets', ...selection);
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('[3 events, complete up to now]') });
    const lines = out.trim().split('\n');
    expect(lines.filter((line) => line.endsWith('replay/1'))).toEqual([
      expect.stringMatching(/^\S+Z enter gov\.asset\.created\.v1 urn:gov:demo:replay\/1$/),
      expect.stringMatching(/^\S+Z update gov\.asset\.renamed\.v1 urn:gov:demo:replay\/1$/),
    ]);
    expect(lines).toHaveLength(3);
    const json = await cli('replay', 'assets', ...selection, '--json');
    const events = json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as WireEvent);
    expect(
      events.map(({ kind, type, subject, recordedtime }) => [recordedtime, kind, type, subject].join(' ')),
    ).toEqual(lines);
  });

  it('prints the shape and the fields that are asked for', async () => {
    const since = new Date().toISOString();
    const described = (text: string) =>
      event('gov.asset.updated', 'shaped', { asset: { type: 'table', name: 'shaped', description: text } });
    await cli('ingest', file('shaped.ndjson', [described('a'), described('b')].join('\n')), '--format', 'cloudevents');
    const selection = ['--since', since, '--filter', '{"name":"shaped"}', '--json'];
    const replayed = async (...form: readonly string[]): Promise<readonly AnyWireEvent[]> => {
      const { out } = await cli('replay', 'assets', ...selection, ...form);
      const lines = out.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as AnyWireEvent);
    };
    // the entity is the same after the second message, so its update says nothing
    expect(await replayed('--shape', 'entity', '--fields', 'name,type')).toMatchObject([
      { kind: 'enter', entity: { type: 'table', name: 'shaped' } },
    ]);
    const [entered, updated, ...others] = await replayed('--fields', 'description');
    expect([entered, updated, others]).toMatchObject([
      { kind: 'enter', document: { description: 'a' } },
      { kind: 'update', changes: { '/description': { new: 'b' } } },
      [],
    ]);
    expect(Object.keys(entered && 'document' in entered ? (entered.document ?? {}) : {})).toEqual(['description']);
    expect(await cli('replay', 'assets', ...selection, '--shape', 'entity', '--fields', 'columns')).toMatchObject({
      code: 5,
      err: expect.stringContaining('"columns" is not a field of the shape entity'),
    });
  });

  it('ends with 1 and the reason when the hub does not reach back so far', async () => {
    // a hub that has lost something of its log takes long to make
    const forgetful = await new ContractServer().listen();
    forgetful.options.resume = () => 'coverage';
    const to = ['--url', forgetful.url, '--token', 'any'];
    expect(await cli('replay', 'assets', '--since', '2000-01-01T00:00:00Z', ...to)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /^pursight: not everything since 2000-01-01\S+ is available: it is older than .* \(coverage\)$/m,
      ),
    });
    await forgetful.close();
  });
});

describe('pursight ingest', () => {
  it('sends a file in several bodies, and recognises what it has sent before', async () => {
    const path = file('many.ndjson', Array.from({ length: 300 }, (_, index) => table(`many/${index}`)).join('\n'));
    expect(await cli('ingest', path, '--format', 'cloudevents')).toMatchObject({
      code: 0,
      out: 'events: 300 accepted, 0 already known, 0 rejected\n',
      err: '',
    });
    expect((await cli('ingest', path, '--format', 'cloudevents')).out).toBe(
      'events: 0 accepted, 300 already known, 0 rejected\n',
    );
  });

  it('names the line of each message that is rejected, and takes the others in', async () => {
    const huge = event('gov.asset.created', 'x', { asset: { description: 'x'.repeat(20_000) } });
    const path = file(
      'mixed.ndjson',
      [table('mixed/1'), 'no json', event('gov.nonsense', 'x'), huge, table('mixed/2')].join('\n'),
    );
    const { code, out, err } = await cli('ingest', path, '--format', 'cloudevents');
    expect(err).toMatch(/^line 2: invalid-json: /m);
    expect(err).toMatch(/^line 3: unsupported-message: .*\(dead letter \S+\)$/m);
    expect(err).toMatch(/^line 4: message-too-large: .*PURSIGHT_MAX_BODY_BYTES/m);
    expect(out).toBe('events: 2 accepted, 0 already known, 3 rejected\n');
    expect(code).toBe(5);
  });

  it('names the element of an array, and reads standard input', async () => {
    const input = `[\n${table('stdin/1')},\n${event('gov.nonsense', 'x')}\n]`;
    const { code, err } = await runCli(['ingest', '-', '--format', 'cloudevents'], { environment, input });
    expect({ code, err }).toMatchObject({ code: 5, err: expect.stringMatching(/^element 1: unsupported-message: /) });
  });

  it.each([
    ['cloudevents', 'events', 'bank.cloudevents.ndjson'],
    ['atlas', 'atlas', 'bank.atlas.ndjson'],
  ])('takes the sample feed of %s in completely', async (format, connector, name) => {
    const { code, out } = await cli('ingest', `examples/feed/${name}`, '--format', format);
    expect(out).toMatch(new RegExp(`^${connector}: \\d{2,} accepted, 0 already known, 0 rejected\n$`));
    expect(code).toBe(0);
  });

  it('ends with 5 for a connector that is not configured', async () => {
    expect(
      await cli('ingest', file('one.json', table('x')), '--format', 'cloudevents', '--connector', 'nope'),
    ).toMatchObject({ code: 5, err: expect.stringContaining('unknown-connector') });
  });
});

describe('pursight import', () => {
  it('imports in parts and counts what is new', async () => {
    const path = file(
      'import.ndjson',
      Array.from({ length: 400 }, (_, index) =>
        JSON.stringify({ id: `import/${index}`, type: 'table', name: `n${index}`, description: 'd'.repeat(40) }),
      ).join('\n'),
    );
    expect(await cli('import', path)).toMatchObject({
      code: 0,
      out: 'events: 400 entities read, 400 of them new or changed\n',
    });
  });

  it('names the line of a fault in the file, not in the part', async () => {
    const lines = Array.from({ length: 400 }, (_, index) =>
      JSON.stringify({ id: `fault/${index}`, type: 'table', name: `n${index}`, description: 'd'.repeat(40) }),
    );
    lines[350] = '{"id":"fault/350","nonsense":1}';
    const { code, err } = await cli('import', file('fault.ndjson', lines.join('\n')));
    expect(err).toMatch(/invalid-message: line 351: .*nonsense/);
    expect(code).toBe(5);
  });
});

describe('pursight deadletters', () => {
  it('lists, shows and retries', async () => {
    await cli('ingest', file('dead.json', event('gov.nonsense', 'dead/1')), '--format', 'cloudevents');
    const { out } = await cli('deadletters', 'list', '--connector', 'events', '--limit', '1', '--json');
    const { id, reason } = JSON.parse(out) as { id: string; reason: string };
    const listed = await cli('deadletters', 'list');
    expect(listed.out).toMatch(/^ID +AT +CONNECTOR +BYTES +CODE +REASON$/m);
    expect(listed.out).toContain(id);
    expect((await cli('deadletters', 'show', id)).out).toContain('"subject":"dead/1"');
    const retried = await cli('deadletters', 'retry', id);
    expect(retried).toMatchObject({
      code: 5,
      out: '0 accepted, 1 rejected again\n',
      err: `${id}: unsupported-message: ${reason}\n`,
    });
    expect((await cli('deadletters', 'retry', '--all')).code).toBe(5);
    expect((await cli('deadletters', 'show', 'nope')).code).toBe(5);
  });
});

describe('pursight journal', () => {
  it('tells how far the journal is', async () => {
    await cli('ingest', file('journal.ndjson', [table('j/1'), table('j/2')].join('\n')), '--format', 'cloudevents');
    await eventually(async () => {
      const report = JSON.parse((await cli('journal', 'status', '--json')).out) as {
        readonly partitions: readonly { readonly high: number; readonly lag: number }[];
      };
      expect(report).toMatchObject({ holder: expect.any(String) as string, retentionMs: 604_800_000 });
      expect(report.partitions).toHaveLength(4);
      expect(report.partitions.reduce((sum, { high }) => sum + high, 0)).toBeGreaterThanOrEqual(2);
      expect(report.partitions.map(({ lag }) => lag)).toEqual([0, 0, 0, 0]);
    });
    const { out } = await cli('journal', 'status');
    expect(out).toMatch(/^kept for: +168 hours$/m);
    expect(out).toMatch(/^behind: +0 events$/m);
    expect(out).toMatch(/^PARTITION +LOW +HIGH +LAG$/m);
  });

  it('is for administrators', async () => {
    const { out } = await cli('token', '--sub', 'bob', '--roles', 'viewer', '--tenant', 'demo');
    expect(await cli('journal', 'status', '--token', out.trim())).toMatchObject({ code: 4 });
  });
});

describe('pursight jobs', () => {
  it('lists, shows and cancels a job', async () => {
    expect(await cli('jobs', 'list', '--tenant', 'nobody')).toMatchObject({ code: 0, out: 'no jobs\n' });
    const token = (await cli('token', '--sub', 'ada', '--roles', 'admin', '--tenant', 'demo')).out.trim();
    const body = JSON.stringify({ urn: 'urn:nothing', description: 'x' });
    const sent = await callApi(hub.url, '/v1/imports?format=ndjson&dryRun=true', { token, body });
    const { id } = sent.body as { readonly id: string };
    const own = ['--token', token];
    await eventually(async () => {
      expect((await cli('jobs', 'show', id, ...own)).out).toMatch(/import +ndjson +planned .*rows 1, rejected 1$/m);
    });
    expect((await cli('jobs', 'cancel', id, '--json', ...own)).out).toContain('"state":"cancelled"');
    expect((await cli('jobs', 'list', ...own)).out).toMatch(new RegExp(`^${id} +import +ndjson +cancelled`, 'm'));
    expect((await cli('jobs', 'show', id)).code).toBe(5);
  });
});

describe('pursight sessions', () => {
  it('lists and closes a session', async () => {
    const tail = startCli(['tail', 'system'], { environment });
    await tail.heard(/live on system/);
    const { out } = await cli('sessions', 'list', '--json');
    const { id, client } = JSON.parse(out.trim()) as { id: string; client: string };
    expect(client).toMatch(/^pursight tail/);
    expect((await cli('sessions', 'list')).out).toContain(id);
    expect(await cli('sessions', 'kick', id)).toMatchObject({ code: 0, out: `${id}: closed\n` });
    await tail.heard(/\[disconnected\]/);
    tail.child.kill('SIGINT');
    expect((await tail.ended).code).toBe(0);
    expect((await cli('sessions', 'kick', 'nope')).code).toBe(5);
  });
});

describe('pursight config', () => {
  it('prints what is in force and hides secrets', async () => {
    const { code, out } = await cli('config');
    expect(out).toMatch(/^PURSIGHT_MAX_BODY_BYTES +environment +20000$/m);
    expect(out).toMatch(/^PURSIGHT_JWT_SECRET +environment +\(set\)$/m);
    expect(out).toMatch(/^PURSIGHT_MONGO_URL +unset +\(not set\)$/m);
    expect(out).not.toContain(testSecrets.jwt);
    expect(code).toBe(0);
    const lines = (await cli('config', '--json')).out.trim().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ name: 'PURSIGHT_ENV', value: 'development', source: 'default' });
  });

  it('tells all faults at once and ends with 2', async () => {
    const { code, err } = await runCli(['config'], {
      environment: { PURSIGHT_PORT: 'x', PURSIGHT_NONSENSE: '1', PURSIGHT_MONGO_URL: 'mongodb://x' },
    });
    expect(err.trim().split('\n')).toHaveLength(3);
    expect(code).toBe(2);
    const production = await runCli(['config'], { environment: { PURSIGHT_ENV: 'production' } });
    expect(production).toMatchObject({
      code: 2,
      err: expect.stringMatching(/PURSIGHT_CONFIG[\s\S]*PURSIGHT_SECRET[\s\S]*PURSIGHT_JWKS_URL/),
    });
  });
});

describe('in production', () => {
  it.each([
    ['token', '--sub', 'a', '--roles', 'admin', '--tenant', 'demo'],
    ['demo', '--seconds', '1'],
    ['sessions', 'list'],
  ])('%s makes no token and ends with 4', async (...args) => {
    const { code, out } = await runCli(
      args.filter((arg) => arg !== undefined),
      {
        environment: {
          PURSIGHT_ENV: 'production',
          PURSIGHT_JWT_SECRET: testSecrets.jwt,
          PURSIGHT_SECRET: testSecrets.hub,
        },
      },
    );
    expect({ code, out }).toEqual({ code: 4, out: '' });
  });
});

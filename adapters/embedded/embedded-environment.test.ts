import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { LogRecord } from '../../channels/ports/event-log.ts';
import { eventually } from '../contract/eventually.ts';
import { FolderFence } from './folder-fence.ts';
import { createEmbeddedEnvironment } from './embedded-environment.ts';
import { createEmbeddedEventLog } from './embedded-event-log.ts';

const child = fileURLToPath(new URL('../contract/embedded-append-process.ts', import.meta.url));
const lockFile = 'hub.lock';

describe('embedded environment', { timeout: 30_000 }, () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-env-'));
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
    await rm(folder, { recursive: true });
  });

  async function kill(process: ChildProcess): Promise<void> {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  }

  /** Starts the child and returns what it has written so far, as a function. */
  function start(mode: string, shell?: string): { process: ChildProcess; output: () => string; faults: () => string } {
    const args = ['--import', 'tsx', child, folder, mode];
    const process_ =
      shell === undefined
        ? spawn(process.execPath, args)
        : spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args]);
    children.push(process_);
    let output = '';
    let faults = '';
    process_.stdout.on('data', (chunk) => (output += String(chunk)));
    process_.stderr.on('data', (chunk) => (faults += String(chunk)));
    return { process: process_, output: () => output, faults: () => faults };
  }

  async function openOnce(): Promise<void> {
    await (await createEmbeddedEnvironment({ folder })).close();
  }

  /** What a holder that died left behind, altered. */
  async function leaveLock(alter: (held: Record<string, unknown>) => object): Promise<void> {
    const environment = await createEmbeddedEnvironment({ folder });
    const held = JSON.parse(await readFile(join(folder, lockFile), 'utf8')) as Record<string, unknown>;
    await environment.close();
    await writeFile(join(folder, lockFile), JSON.stringify(alter(held)));
  }

  it('keeps what was written, and cleans up after itself', async () => {
    const first = await createEmbeddedEnvironment({ folder });
    const table = first.table<string>('t', { encoding: 'string' });
    expect(await first.transact(() => (void table.put('k', 'v'), 'result'))).toBe('result');
    await first.flushed();
    await first.close();
    const second = await createEmbeddedEnvironment({ folder });
    expect(await second.read(() => second.table<string>('t', { encoding: 'string' }).get('k'))).toBe('v');
    await second.close();
    expect((await readdir(folder)).filter((name) => name.startsWith(lockFile))).toEqual([]);
  });

  it('passes on what the work throws', async () => {
    const environment = await createEmbeddedEnvironment({ folder });
    const broken = () => {
      throw new TypeError('a bug');
    };
    await expect(environment.transact(broken)).rejects.toThrow(TypeError);
    await expect(environment.read(broken)).rejects.toThrow(TypeError);
    await environment.close();
  });

  it('refuses a folder that this process has open, with the pid and the fix', async () => {
    const environment = await createEmbeddedEnvironment({ folder });
    const again = createEmbeddedEnvironment({ folder });
    await expect(again).rejects.toMatchObject({
      code: 'storage-locked',
      message: expect.stringMatching(new RegExp(`process ${process.pid}; .*PURSIGHT_DATA_DIR`)) as string,
    });
    await environment.close();
    await openOnce();
  });

  it('refuses a folder that another process has open, and takes it over when that one was killed', async () => {
    const holder = start('hold');
    await eventually(() => expect(holder.output()).toBe('held\n'));
    await expect(createEmbeddedEnvironment({ folder })).rejects.toMatchObject({
      code: 'storage-locked',
      message: expect.stringContaining(`process ${holder.process.pid}`) as string,
    });
    await kill(holder.process);
    await openOnce();
  });

  it('takes over the lock of a process of this machine whose pid was given to another', async () => {
    await leaveLock((held) => ({ ...held, startTicks: '1' }));
    await openOnce();
  });

  it('takes over an unreadable lock', async () => {
    await writeFile(join(folder, lockFile), '');
    await openOnce();
  });

  it.each([
    ['in another container', (boot: string) => `${boot} pid:[1]`],
    ['of another machine, or before the last boot', () => 'other-boot pid:[1]'],
  ])('R13 goes by the age of the lock where the holder is %s', async (_, machineOf) => {
    await leaveLock((held) => ({ ...held, machine: machineOf(String(held['machine']).split(' ')[0] ?? '') }));
    await expect(createEmbeddedEnvironment({ folder })).rejects.toMatchObject({ code: 'storage-locked' });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(folder, lockFile), longAgo, longAgo);
    await openOnce();
  });

  it('takes over the lock of a dead foreign holder although the clock was set back', async () => {
    await leaveLock((held) => ({ ...held, machine: 'other-boot pid:[1]' }));
    const ahead = new Date(Date.now() + 3_600_000);
    await utimes(join(folder, lockFile), ahead, ahead);
    await openOnce();
  });

  /** Makes a holder that stands still look as it does from another container after some seconds. */
  async function ageFromElsewhere(): Promise<void> {
    const path = join(folder, lockFile);
    const held = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...held, machine: 'other-boot pid:[1]' }));
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
  }

  it.each([
    ['while its successor has the folder', false],
    ['after its successor is gone', true],
  ])('R13 a holder that was frozen and replaced commits nothing when it wakes %s, and ends', async (_, isGone) => {
    const frozen = start('wake');
    await eventually(() => expect(frozen.output()).toBe('held\n'));
    frozen.process.kill('SIGSTOP');
    await ageFromElsewhere();
    const successor = await createEmbeddedEnvironment({ folder });
    if (isGone) await successor.close();
    const exited = once(frozen.process, 'exit');
    frozen.process.kill('SIGCONT');
    await exited;
    expect(frozen.output()).toBe('held\n');
    expect(frozen.faults()).toContain('storage-locked');
    if (!isGone) await successor.close();
    expect(await allRecords()).toEqual([]);
  });

  it('R13 answers storage-locked, and says it once, when another has the folder', async () => {
    const lost: string[] = [];
    const environment = await createEmbeddedEnvironment({ folder, onLost: ({ code }) => lost.push(code) });
    const path = join(folder, lockFile);
    const held = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...held, token: 'of another' }));
    await eventually(() => expect(lost).toEqual(['storage-locked']));
    await expect(environment.transact(() => 1)).rejects.toMatchObject({ code: 'storage-locked' });
    await expect(environment.read(() => 1)).rejects.toMatchObject({ code: 'storage-locked' });
    await environment.close();
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ token: 'of another' });
  });

  it('R1 a look at the folder that fails, or comes while it is closed, is no loss of it', async () => {
    const lost: string[] = [];
    const environment = await createEmbeddedEnvironment({ folder, onLost: ({ code }) => lost.push(code) });
    let looks = 0;
    const look = vi.spyOn(FolderFence.prototype, 'isOwn', 'get').mockImplementation(() => {
      looks += 1;
      throw new Error('No transaction to renew');
    });
    try {
      await eventually(() => expect(looks).toBeGreaterThan(0));
    } finally {
      look.mockRestore();
    }
    expect(await environment.transact(() => 1)).toBe(1);
    await environment.close();
    expect(lost).toEqual([]);
  });

  it('lets exactly one of several processes take a stale folder over', async () => {
    await writeFile(join(folder, lockFile), '');
    const rivals = [start('hold'), start('hold'), start('hold')];
    await eventually(() => {
      const lost = rivals.filter(({ process: rival }) => rival.exitCode !== null);
      expect(lost).toHaveLength(2);
      for (const { faults } of lost) expect(faults()).toContain('storage-locked');
    });
    expect(rivals.map(({ output }) => output()).toSorted()).toEqual(['', '', 'held\n']);
  });

  it('says what is wrong with a folder that cannot be created', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(createEmbeddedEnvironment({ folder: join(folder, 'file', 'data') })).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
  });

  it('answers storage-unavailable after it was closed', async () => {
    const environment = await createEmbeddedEnvironment({ folder });
    await environment.close();
    await environment.close();
    await expect(environment.transact(() => 1)).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(environment.read(() => 1)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  async function allRecords(): Promise<readonly LogRecord[]> {
    const environment = await createEmbeddedEnvironment({ folder });
    const log = await createEmbeddedEventLog({ environment, clock: { now: () => Date.now() } });
    const records: LogRecord[] = [];
    const tail = await log.tail({
      from: [0, 0, 0, 0],
      onRecords: (_, batch) => void records.push(...batch),
      onGap: () => undefined,
    });
    const total = (await log.ends()).reduce((sum, head) => sum + head, 0);
    await eventually(() => expect(records).toHaveLength(total));
    await tail.close();
    await environment.close();
    return records;
  }

  function textOf({ partition, offset, value }: LogRecord): string {
    return `${partition} ${offset} ${(JSON.parse(value) as HubEvent).data.version}`;
  }

  it('I9: has every acknowledged record after kill -9', async () => {
    const writer = start('append');
    await eventually(() => expect(writer.output().split('\n').length).toBeGreaterThan(300));
    await kill(writer.process);
    const acknowledged = writer
      .output()
      .split('\n')
      .filter((line) => line !== '');
    const kept = new Set((await allRecords()).map(textOf));
    expect(acknowledged.filter((line) => !kept.has(line))).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')(
    'turns a full disk into storage-unavailable and loses nothing that was acknowledged',
    async () => {
      // A limit on the size of a file (in blocks of 512 bytes) fails as a full disk does, without needing one.
      const writer = start('append', 'ulimit -f 2000');
      await eventually(() => expect(writer.process.exitCode).not.toBeNull());
      expect(writer.faults()).toMatch(/storage-unavailable/u);
      expect(writer.faults()).not.toMatch(/Commit failed/u);
      const acknowledged = writer
        .output()
        .split('\n')
        .filter((line) => line !== '');
      expect(acknowledged.length).toBeGreaterThan(10);
      const kept = new Set((await allRecords()).map(textOf));
      expect(acknowledged.filter((line) => !kept.has(line))).toEqual([]);
    },
    30_000,
  );
});

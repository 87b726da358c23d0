import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lease, Leases } from '../../channels/ports/lease.ts';
import { eventually } from './eventually.ts';

export interface OpenedLeases {
  readonly leases: Leases;
  /** The same store as another process sees it; the same object where only one process can have it. */
  readonly second: Leases;
  /** Makes the store unreachable. */
  readonly cut: () => Promise<void>;
  /** Closes and removes everything. */
  readonly dispose: () => Promise<void>;
}

/** One holder at a time. */
export function registerLeaseTests(name: string, create: () => Promise<OpenedLeases>): void {
  describe(`leases: ${name}`, { timeout: 60_000 }, () => {
    let opened: OpenedLeases;
    let lease: Lease;
    let second: Lease;
    beforeEach(async () => {
      opened = await create();
      lease = opened.leases.lease('sample');
      second = opened.second.lease('sample');
    });
    afterEach(() => opened.dispose());

    it('gives the lease to one, who may renew it', async () => {
      expect(await lease.take('one', 60_000)).toBe(true);
      expect(await second.take('two', 60_000)).toBe(false);
      expect(await lease.take('one', 60_000)).toBe(true);
      expect(await second.holder()).toBe('one');
    });

    it('gives it to exactly one of many', async () => {
      const names = Array.from({ length: 10 }, (_, i) => `node-${i}`);
      const answers = await Promise.all(
        names.map((each, index) => (index % 2 === 0 ? lease : second).take(each, 60_000)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await second.holder()).toBe(names[answers.indexOf(true)]);
    });

    it('gives it to another when it has ended', async () => {
      expect(await lease.take('one', 100)).toBe(true);
      await eventually(async () => expect(await second.take('two', 60_000)).toBe(true));
      expect(await lease.take('one', 60_000)).toBe(false);
    });

    it('names nobody when it has ended', async () => {
      await lease.take('one', 100);
      await eventually(async () => expect(await second.holder()).toBeUndefined());
    });

    it('is free at once when its holder gives it up, and only then', async () => {
      await lease.take('one', 60_000);
      await second.release('two');
      expect(await second.take('two', 60_000)).toBe(false);
      await lease.release('one');
      await lease.release('one');
      expect(await second.holder()).toBeUndefined();
      expect(await second.take('two', 60_000)).toBe(true);
    });

    it('knows one from another by its name', async () => {
      const other = opened.second.lease('other');
      expect(await lease.take('one', 60_000)).toBe(true);
      expect(await other.take('two', 60_000)).toBe(true);
      expect([await second.holder(), await other.holder()]).toEqual(['one', 'two']);
      await other.release('one');
      await lease.release('one');
      expect([await second.holder(), await other.holder()]).toEqual([undefined, 'two']);
    });

    it('says that the store cannot be reached', async () => {
      await opened.cut();
      const away = { code: 'storage-unavailable' };
      await expect(lease.take('node', 1000)).rejects.toMatchObject(away);
      await expect(lease.release('node')).rejects.toMatchObject(away);
      await expect(lease.holder()).rejects.toMatchObject(away);
    });
  });
}

import { expect, it } from 'vitest';
import { AdmissionQueue, NotWanted } from './admission-queue.ts';

it('runs a few at once, and tenants take turns', async () => {
  const queue = new AdmissionQueue(1);
  const order: string[] = [];
  let running = 0;
  const job = (tenant: string, name: string): Promise<void> =>
    queue.run(tenant, async () => {
      expect(++running).toBe(1);
      order.push(name);
      await Promise.resolve();
      running -= 1;
    });
  await Promise.all([job('a', 'a1'), job('a', 'a2'), job('a', 'a3'), job('b', 'b1'), job('c', 'c1'), job('b', 'b2')]);
  expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  expect(queue.waiting).toBe(0);
});

it('gives the place on when a job fails', async () => {
  const queue = new AdmissionQueue(1);
  await expect(queue.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await queue.run('a', () => Promise.resolve(1))).toBe(1);
});

it('does not begin what nobody wants any more, and goes on behind it', async () => {
  const queue = new AdmissionQueue(1);
  let finish: () => void = () => undefined;
  const first = queue.run('a', () => new Promise<void>((resolve) => (finish = resolve)));
  let isWanted = true;
  const begun: string[] = [];
  const second = queue.run(
    'a',
    async () => void begun.push('second'),
    () => isWanted,
  );
  const third = queue.run('a', async () => void begun.push('third'));
  isWanted = false;
  finish();
  await first;
  await expect(second).rejects.toBeInstanceOf(NotWanted);
  await third;
  expect(begun).toEqual(['third']);
});

import { describe, expect, it } from 'vitest';
import { assertTransactional } from './mongo-topology.ts';

describe('assertTransactional', () => {
  it.each([
    ['a member of a replica set', { setName: 'rs0' }],
    ['a mongos', { msg: 'isdbgrid' }],
  ])('takes %s', (_, hello) => {
    expect(() => assertTransactional(hello)).not.toThrow();
  });

  it.each([
    ['a standalone server', {}, /PURSIGHT_MONGO_URL: .*standalone; .*--replSet rs0 and run rs\.initiate\(\)/u],
    ['a replica set that was not initiated', { isreplicaset: true }, /not initiated; .*rs\.initiate\(\)/u],
  ])('refuses %s and says how to mend it', (_, hello, message) => {
    expect(() => assertTransactional(hello)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) as string }),
    );
  });
});

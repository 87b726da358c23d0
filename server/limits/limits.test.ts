import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { createOpaqueIds } from '../sealing/opaque-ids.ts';
import { createOriginCheck } from '../identity/origin-check.ts';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('lets a burst through, then says exactly how long to wait', () => {
    let nowMs = 0;
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 3, stopwatch: { elapsedMs: () => nowMs } });
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0, 100]);
    nowMs = 99;
    expect(bucket.take()).toBeGreaterThan(0);
    nowMs = 100;
    expect([bucket.take(), bucket.take()]).toEqual([0, 100]);
  });

  it('never lets more through than burst plus rate, whatever the pace', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }), (pauses) => {
        let nowMs = 0;
        const bucket = new TokenBucket({ ratePerSecond: 20, burst: 5, stopwatch: { elapsedMs: () => nowMs } });
        const taken = pauses.filter((pause) => ((nowMs += pause), bucket.take() === 0)).length;
        expect(taken).toBeLessThanOrEqual(5 + (nowMs * 20) / 1000 + 1e-6);
        nowMs += 1000;
        expect(bucket.take()).toBe(0);
      }),
    );
  });
});

describe('ConnectionLimits', () => {
  const limits = () => new ConnectionLimits({ perNode: 4, perAddress: 3, perPrincipal: 2 });
  const refusal = (part: string) =>
    expect.objectContaining({
      code: 'too-many-connections',
      retryAfterMs: 5000,
      message: expect.stringContaining(part),
    });

  it.each([
    [
      'this node already has 4',
      [
        ['a', 'p'],
        ['b', 'q'],
        ['c', 'r'],
        ['d', 's'],
      ],
      'x',
      'y',
    ],
    [
      'your address already has 3',
      [
        ['a', 'p'],
        ['a', 'q'],
        ['a', 'r'],
      ],
      'a',
      'y',
    ],
    [
      'you already have 2',
      [
        ['a', 'p'],
        ['b', 'p'],
      ],
      'x',
      'p',
    ],
  ] as const)('%s', (message, held, address, who) => {
    const all = limits();
    const refusedFor = (): HubError | undefined => all.refusalFor(address) ?? all.refusalForPrincipal(who);
    const take = ([from, principal]: readonly [string, string]): void => {
      all.take(from);
      all.takeFor(principal);
    };
    for (const each of held.slice(1)) take(each);
    expect(refusedFor()).toBeUndefined();
    take(held[0]);
    expect(refusedFor()).toEqual(refusal(message));
  });

  it('gives back what was taken', () => {
    const all = limits();
    for (let count = 0; count < 2; count++) all.takeFor('p');
    expect(all.refusalForPrincipal('p')).toEqual(refusal('you already'));
    all.releaseFor('p');
    expect(all.refusalForPrincipal('p')).toBeUndefined();
    for (let count = 0; count < 3; count++) all.take('a');
    expect(all.refusalFor('a')).toEqual(refusal('your address'));
    all.release('a');
    expect([all.refusalFor('a'), all.total]).toEqual([undefined, 2]);
  });
});

describe('origin check', () => {
  const listed = { allowed: ['https://hub.example'], allowLoopback: false };

  it.each([
    [undefined, true, true],
    ['https://hub.example', true, true],
    ['https://hub.example.evil.test', false, false],
    ['http://hub.example', false, false],
    ['null', false, false],
    ['http://localhost:5173', false, true],
    ['http://127.0.0.1', false, true],
    ['http://[::1]:3000', false, true],
    ['http://localhost.evil.test', false, false],
    ['http://localhost:1@evil.test', false, false],
  ])('%s: listed %s, in development %s', (origin, production, development) => {
    expect(createOriginCheck(listed)(origin) === undefined).toBe(production);
    expect(createOriginCheck({ ...listed, allowLoopback: true })(origin) === undefined).toBe(development);
  });

  it('says why', () => {
    const { code, message } = createOriginCheck(listed)('https://x.example') ?? {};
    expect([code, message]).toEqual(['origin-not-allowed', expect.stringContaining('PURSIGHT_ALLOWED_ORIGINS')]);
  });
});

describe('opaque ids', () => {
  const event = (urn: string, version: number, tenant = 'acme') => sampleEvent(sampleAsset(tenant, urn, { version }));
  const ids = createOpaqueIds('secret');

  it('D3: the same event has the same id on every node with the secret', () => {
    expect(createOpaqueIds('secret').event(event('urn:a', 3))).toBe(ids.event(event('urn:a', 3)));
    expect(createOpaqueIds('secret').room('acme', 's', 'c')).toBe(ids.room('acme', 's', 'c'));
  });

  it('D8: differ by entity, version, tenant, policy version, secret and use, and show none of them', () => {
    const all = [
      ids.event(event('urn:a', 3)),
      ids.event(event('urn:b', 3)),
      ids.event(event('urn:a', 4)),
      ids.event(event('urn:a', 3, 'globex')),
      createOpaqueIds('other').event(event('urn:a', 3)),
      ids.room('acme', 's', 'c'),
      ids.room('acme', 'c', 's'),
      ids.room('globex', 's', 'c'),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const id of all) expect(id).toMatch(/^[\w-]{22}$/);
  });
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Expiries, type Expiring } from './expiries.ts';

const startMs = Date.UTC(2026, 4, 4);

let expiries: Expiries;
let expired: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: startMs + 250 });
  expiries = new Expiries({ now: () => Date.now() });
  expired = [];
});
afterEach(() => vi.useRealTimers());

function add(name: string, inMs: number, also = (): void => {}): Expiring {
  const one = {
    expiresAtMs: startMs + inMs,
    expire: (): void => {
      expired.push(name);
      also();
    },
  };
  expiries.add(one);
  return one;
}

it('calls each once, not before its time and within the second after it', () => {
  add('a', 60_000);
  add('b', 61_001);
  add('c', 60_000);
  vi.advanceTimersByTime(59_749);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired).toEqual(['a', 'c']);
  vi.advanceTimersByTime(1_999);
  expect(expired).toEqual(['a', 'c']);
  vi.advanceTimersByTime(1);
  expect(expired).toEqual(['a', 'c', 'b']);
  vi.advanceTimersByTime(10_000);
  expect(expired).toHaveLength(3);
});

it('calls soon what is over already, and what a clock that jumped has passed over', () => {
  add('late', -5_000);
  vi.advanceTimersByTime(750);
  expect(expired).toEqual(['late']);
  add('far', 3_600_000);
  vi.setSystemTime(startMs + 7_200_000);
  vi.advanceTimersByTime(1_000);
  expect(expired).toEqual(['late', 'far']);
});

it('does not call what was removed, by others that expire too', () => {
  const gone = add('gone', 5_000);
  add('first', 4_000, () => expiries.remove(gone));
  const beside: Expiring = add('beside', 6_000, () => expiries.remove(beside));
  vi.advanceTimersByTime(10_000);
  expect(expired).toEqual(['first', 'beside']);
});

it('keeps one timer while those that expire take others away and bring new ones', () => {
  const other = add('other', 9_000);
  add('first', 4_000, () => {
    expiries.remove(other);
    add('next', 8_000);
  });
  vi.advanceTimersByTime(4_000);
  expect([expired, vi.getTimerCount()]).toEqual([['first'], 1]);
  vi.advanceTimersByTime(6_000);
  expect([expired, vi.getTimerCount()]).toEqual([['first', 'next'], 0]);
});

it('has no timer when there is nothing to wait for', () => {
  expect(vi.getTimerCount()).toBe(0);
  const one = add('one', 10_000);
  const other = add('other', 10_000);
  expect(vi.getTimerCount()).toBe(1);
  expiries.remove(one);
  expiries.remove(other);
  expect(vi.getTimerCount()).toBe(0);
  add('third', 10_000);
  vi.advanceTimersByTime(10_000);
  expect([expired, vi.getTimerCount()]).toEqual([['third'], 0]);
});

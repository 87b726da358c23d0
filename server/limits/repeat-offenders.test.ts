import { describe, expect, it } from 'vitest';
import { RepeatOffenders } from './repeat-offenders.ts';

function offenders(): { readonly list: RepeatOffenders; readonly pass: (ms: number) => void } {
  let nowMs = 1_000_000;
  return { list: new RepeatOffenders('slow', { elapsedMs: () => nowMs }), pass: (ms) => void (nowMs += ms) };
}

describe('RepeatOffenders', () => {
  it('D6: tells a client to wait after three slow closes in a minute, and lets it in afterwards', () => {
    const { list, pass } = offenders();
    list.record('a');
    list.record('a');
    expect(() => list.assertPatience('a')).not.toThrow();
    pass(10_000);
    list.record('a');
    pass(5000);
    expect(() => list.assertPatience('a')).toThrow(
      expect.objectContaining({ code: 'slow-consumer', retryAfterMs: 25_000 }),
    );
    expect(() => list.assertPatience('b')).not.toThrow();
    pass(25_000);
    expect(() => list.assertPatience('a')).not.toThrow();
  });

  it('forgets what is older than a minute', () => {
    const { list, pass } = offenders();
    list.record('a');
    list.record('a');
    pass(60_001);
    list.record('a');
    expect(() => list.assertPatience('a')).not.toThrow();
  });
});

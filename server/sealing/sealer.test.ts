import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.ts';

const bytes = Buffer.from('where somebody stands');
const text = (opened: Uint8Array | undefined): string | undefined =>
  opened === undefined ? undefined : Buffer.from(opened).toString();

describe('sealer', () => {
  it('opens what any process with the same secret has sealed', () => {
    const [one, other] = [createSealer(['secret']), createSealer(['secret'])];
    expect(text(other.open('cursor', one.seal('cursor', bytes)))).toBe('where somebody stands');
  });

  it('never seals the same twice, and shows nothing of what it sealed', () => {
    const sealer = createSealer(['secret']);
    const sealed = Array.from({ length: 100 }, () => sealer.seal('cursor', bytes));
    expect(new Set(sealed).size).toBe(100);
    for (const each of sealed) expect(Buffer.from(each, 'base64url').toString('latin1')).not.toContain('somebody');
  });

  it('D5: opens what was sealed before a rotation, while the previous secret is known', () => {
    const before = createSealer(['old']).seal('handle', bytes);
    expect(text(createSealer(['new', 'old']).open('handle', before))).toBe('where somebody stands');
    expect(createSealer(['new']).open('handle', before)).toBeUndefined();
    const after = createSealer(['new', 'old']).seal('handle', bytes);
    expect(createSealer(['old']).open('handle', after)).toBeUndefined();
  });

  it('D5: opens nothing that is changed, cut, of another kind, or not sealed at all', () => {
    const sealer = createSealer(['secret']);
    const sealed = sealer.seal('cursor', bytes);
    expect(sealer.open('handle', sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      const changed = `${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`;
      // the last character of base64url may carry bits that no byte has
      if (at < sealed.length - 1) expect(sealer.open('cursor', changed)).toBeUndefined();
      expect(sealer.open('cursor', sealed.slice(0, at))).toBeUndefined();
    }
    for (const given of ['', 'AAAA', '%', 'A'.repeat(500)]) expect(sealer.open('cursor', given)).toBeUndefined();
  });
});

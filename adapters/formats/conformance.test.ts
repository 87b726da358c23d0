import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Ids of the rows of a guide's table, in their order. */
function rows(guide: string, prefix: string): readonly string[] {
  const text = readFileSync(`docs/${guide}`, 'utf8');
  return [...text.matchAll(new RegExp(`^\\| (${prefix}-\\d+) \\|`, 'gm'))].map(([, id]) => id as string);
}

/** Ids in the names of tests. */
function tested(prefix: string): ReadonlySet<string> {
  const files = readdirSync('adapters/formats', { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('conformance'))
    .map((file) => readFileSync(`adapters/formats/${file}`, 'utf8'));
  return new Set(texts.flatMap((text) => text.match(new RegExp(`\\b${prefix}-\\d+(?=: )`, 'g')) ?? []));
}

describe.each([
  ['connect-atlas.md', 'atlas'],
  ['connect-cloudevents.md', 'ce'],
])('the table of %s', (guide, prefix) => {
  it('has a test for each row, and a row for each test', () => {
    const ids = rows(guide, prefix);
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...tested(prefix)].toSorted()).toEqual(ids.toSorted());
  });
});

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queryText } from '../../adapters/meilisearch/search-query.ts';
import { storedTexts } from '../../adapters/meilisearch/stored-row.ts';
import { readableBits } from '../../channels/search/attributes.ts';
import type { SearchText } from '../../channels/search/document-texts.ts';
import { wordsOf } from '../../channels/search/document-words.ts';
import { Matcher } from '../../channels/search/match.ts';
import { parseSearchWords } from '../../channels/search/search-words.ts';
import { pythonWith } from '../harness/python-packages.ts';
import { anyTexts, anyTyped } from '../harness/search-texts.ts';

/** The engine of Meilisearch 1.8 as a package of Python, without server, settings and filters. */
const python = await pythonWith('python3.11', 'milli==1.8.1').catch((error: Error) => error);
const missing = python instanceof Error ? `no milli: ${python.message}` : undefined;
if (missing !== undefined) console.log(`skipped: the engine of Meilisearch: ${missing}`);

interface Case {
  readonly documents: readonly (readonly SearchText[])[];
  readonly queries: readonly string[];
}

/** It gives 20 hits at most, and searches in ids, too. */
const anyCase = fc.record({
  documents: fc.array(anyTexts, { minLength: 5, maxLength: 20 }),
  queries: fc.array(anyTyped, { minLength: 10, maxLength: 20 }),
});
const seed = Number(process.env['PURSIGHT_MILLI_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers of the documents that the engine finds, for each query of each case. */
async function searched(cases: readonly Case[]): Promise<readonly (readonly (readonly number[])[])[]> {
  if (python instanceof Error) throw python;
  const program = fileURLToPath(new URL('clients/milli_search.py', import.meta.url));
  const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const sent = cases.map(({ documents, queries }) => ({
    documents: documents.map((texts, number) => ({ id: `${number}`, ...storedTexts(texts) })),
    queries: queries.map((typed) => queryText(parseSearchWords(typed, 'last')).text),
  }));
  child.stdin.end(`${JSON.stringify(sent)}\n`);
  const found = JSON.parse(await text(child.stdout)) as string[][][];
  return found.map((ofCase) => ofCase.map((ids) => ids.map(Number)));
}

describe.skipIf(missing !== undefined)('the engine of Meilisearch', () => {
  it('R15 finds nothing that the matcher of the hub does not find, in what the adapter stores and asks', async () => {
    const cases = fc.sample(anyCase, { numRuns: 150, seed });
    const found = await searched(cases);
    let hits = 0;
    const surplus: string[] = [];
    for (const [number, { documents, queries }] of cases.entries())
      for (const [at, typed] of queries.entries()) {
        const words = parseSearchWords(typed, 'last');
        // where the adapter says that it asks for more, more is found
        if (!queryText(words).isExact) continue;
        const matcher = new Matcher(words, readableBits([0]));
        for (const hit of found[number]?.[at] ?? []) {
          const texts = documents[hit] ?? [];
          hits += 1;
          if (matcher.match(wordsOf(texts)) === undefined)
            surplus.push(`${JSON.stringify(typed)} in ${JSON.stringify(texts.map((each) => each.text))}`);
        }
      }
    expect({ seed, surplus }).toEqual({ seed, surplus: [] });
    expect(hits).toBeGreaterThan(5000);
  }, 120_000);
});

import { HubClientError } from '../hub-client-error.ts';
import type { SearchSink } from './search-registry.ts';
import type { SearchResult } from './search.ts';

/** Settles with the first result of a search, or with why there is none. */
export function onlyResult(
  resolve: (result: SearchResult) => void,
  reject: (error: HubClientError) => void,
): SearchSink {
  return {
    perform: (effects, { content }) => {
      for (const effect of effects)
        if (effect.type === 'end') reject(effect.error ?? closed());
        else if (content !== null) {
          const { query, hits, total, facets, staleMs } = content;
          resolve({ query, hits, total, facets, staleMs });
        }
    },
  };
}

function closed(): HubClientError {
  return new HubClientError('closed', 'the hub object was closed', { retryable: false });
}

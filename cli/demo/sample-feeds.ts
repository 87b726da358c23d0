import { bankFeed } from './bank-feed.ts';
import { sentAt } from './feed-message.ts';

const sampleCount = 200;
const firstMs = Date.UTC(2026, 0, 12, 8);

/** The beginning of the feed as files to ingest: one for each format, one message a line. */
export function sampleFeeds(): Readonly<Record<'bank.cloudevents.ndjson' | 'bank.atlas.ndjson', string>> {
  const texts = { events: '', atlas: '' };
  let count = 0;
  for (const item of bankFeed({ seed: 1 })) {
    texts[item.connector] += `${JSON.stringify(sentAt(item, firstMs + count * 1000))}\n`;
    count += 1;
    if (count === sampleCount) break;
  }
  return { 'bank.cloudevents.ndjson': texts.events, 'bank.atlas.ndjson': texts.atlas };
}

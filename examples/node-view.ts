// Prints how many tables there are and which of them changed, for as long as it runs.
//
//   npm run build -w client-sdk
//   PURSIGHT_TOKEN=... npx tsx examples/node-view.ts [channel]
import { createHub } from '@pursight/client';

const hub = createHub({
  url: process.env['PURSIGHT_URL'] ?? 'http://127.0.0.1:8080',
  token: process.env['PURSIGHT_TOKEN'] ?? '',
  client: 'node-view 1.0',
});
hub.on('error', (error) => console.error(`${error.code}: ${error.message}`));
process.on('SIGINT', () => hub.close());

const tables = hub.view(process.argv[2] ?? 'assets', { filter: { type: 'table' } });
tables.on('live', () => console.error(`[live, ${tables.items.length} tables]`));
tables.on('stale', () => console.error('[out of date]'));

let before = tables.items;
tables.on('change', ({ items }) => {
  // an item that has not changed is the same object
  const fresh = items.filter((item) => !before.includes(item));
  before = items;
  console.log(items.length, fresh.map(({ entity }) => entity.name).join(' '));
});

await tables.live;

// Prints every change that you may see, one line each, for as long as it runs.
//
//   npm run build -w client-sdk
//   PURSIGHT_TOKEN=... npx tsx examples/node-listener.ts [channel]
import { createHub } from '@pursight/client';

const hub = createHub({
  url: process.env['PURSIGHT_URL'] ?? 'http://127.0.0.1:8080',
  token: process.env['PURSIGHT_TOKEN'] ?? '',
  client: 'node-listener 1.0',
});
hub.on('status', (status) => console.error(`[${status}]`));
hub.on('error', (error) => console.error(`${error.code}: ${error.message}`));
process.on('SIGINT', () => hub.close());

const events = hub.channel(process.argv[2] ?? 'assets');
events.on('gap', ({ reason }) => console.error(`events may be missing (${reason})`));

for await (const event of events) {
  console.log(event.recordedtime, event.kind, event.type ?? '', event.subject);
}

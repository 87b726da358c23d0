// Writes the sample feeds of this folder: the first 200 messages of the story that `pursight demo` tells.
//
//   npx tsx examples/feed/write-feed.ts
import { writeFileSync } from 'node:fs';
import { sampleFeeds } from '../../cli/demo/sample-feeds.ts';

for (const [name, text] of Object.entries(sampleFeeds())) writeFileSync(new URL(name, import.meta.url), text);

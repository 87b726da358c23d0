// Appends to the log of the folder given until it is killed, and writes each acknowledged record to stdout as
// `partition offset version`. With `hold` it only opens the folder; with `wake` it appends when it goes on after a stop.
import { writeSync } from 'node:fs';
import { createEmbeddedEnvironment } from '../embedded/embedded-environment.ts';
import { createEmbeddedEventLog } from '../embedded/embedded-event-log.ts';
import { sampleAsset, sampleEvent } from './samples.ts';

const [folder = '', mode] = process.argv.slice(2);
const environment = await createEmbeddedEnvironment({ folder });
if (mode === 'hold') {
  writeSync(1, 'held\n');
  setInterval(() => undefined, 60_000);
} else if (mode === 'wake') {
  const log = await createEmbeddedEventLog({ environment, clock: { now: () => Date.now() } });
  process.on('SIGCONT', () => {
    void log.append([sampleEvent(sampleAsset('acme', 'urn:woken'))]).then(() => writeSync(1, 'appended\n'));
  });
  writeSync(1, 'held\n');
  setInterval(() => undefined, 60_000);
} else {
  const log = await createEmbeddedEventLog({ environment, clock: { now: () => Date.now() } });
  for (let version = 1; ; version += 3) {
    const events = [0, 1, 2].map((i) =>
      sampleEvent(sampleAsset('acme', `urn:killed:${(version + i) % 7}`, { version: version + i })),
    );
    const results = await log.append(events);
    writeSync(
      1,
      results.map((result, i) => (result.ok ? `${result.partition} ${result.offset} ${version + i}\n` : '')).join(''),
    );
  }
}

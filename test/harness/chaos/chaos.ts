// `npm run chaos -- --minutes 5 --seed 7 --clients 300 --brokers 1`: see CONTRIBUTING.md. The last line is
// one JSON object; the exit code is 0 only if nothing was lost, repeated, reordered, shown to the wrong client or hidden.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isFaultless, runChaos } from './run-chaos.ts';

/** What a run may take beyond its time of faults. */
const patienceMs = 6 * 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    clients: { type: 'string', default: '300' },
    brokers: { type: 'string', default: '1' },
    logs: { type: 'string' },
  },
});
const [minutes, seed, clients, brokers] = [values.minutes, values.seed, values.clients, values.brokers].map(Number);
if ([minutes, seed, clients, brokers].some((value) => value === undefined || !(value >= 0)))
  throw new Error('--minutes, --seed, --clients and --brokers are numbers');

console.log(
  `seed ${seed}: npm run chaos -- --minutes ${minutes} --seed ${seed} --clients ${clients} --brokers ${brokers}`,
);
const durationMs = Number(minutes) * 60_000;
const watchdog = setTimeout(() => {
  console.error(`not done ${patienceMs / 1000} s after its time: seed ${seed}`);
  process.exit(2);
}, durationMs + patienceMs);

try {
  const result = await runChaos({
    ...{ seed: Number(seed), durationMs, clients: Number(clients), brokers: Number(brokers) },
    onProgress: (line) => console.log(line),
    ...(values.logs === undefined ? {} : { logs: values.logs }),
  });
  const { problems, ended, crashes, ...counts } = result;
  for (const line of [...problems, ...ended, ...crashes]) console.log(line);
  console.log(JSON.stringify({ ...counts, ended: ended.length, crashes: crashes.length }));
  process.exitCode = isFaultless(result) ? 0 : 1;
} finally {
  clearTimeout(watchdog);
}
// a socket that does not close must not keep a run that is over
process.exit();

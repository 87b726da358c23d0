/** The well-behaved tenant, in a process of its own. Measures from `from` to `until`. */
import { Witness, type WitnessOptions } from './witness.ts';

export type WitnessOrder = 'from' | 'until';
export interface WitnessReport {
  readonly latenciesMs: readonly number[];
}

const witness = new Witness(JSON.parse(process.argv[2] ?? '{}') as WitnessOptions);
await witness.start();
let from = 0;
process.on('message', (order: WitnessOrder) => {
  if (order === 'from') from = witness.sent;
  else void tell(from, witness.sent);
});
process.send?.('live');

async function tell(first: number, end: number): Promise<void> {
  await witness.settled();
  if (witness.fault !== undefined) throw new Error(witness.fault);
  process.send?.({ latenciesMs: witness.latencies(first).slice(0, end - first) } satisfies WitnessReport);
}

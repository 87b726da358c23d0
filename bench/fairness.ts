/**
 * What one tenant can do to another: changes by HTTP at a steady rate until they are live at the same tenant's client, alone
 * and beside each attack of another tenant. See bench/README.md.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AttackReport, AttackTarget } from './attacks/attack.ts';
import { type AttackName, attacks } from './attacks/attacks.ts';
import { type MeasuredProcess, startMeasured } from './load/measured-process.ts';
import { percentile } from './load/percentile.ts';
import type { WitnessReport } from './load/witness-process.ts';
import type { WitnessOptions } from './load/witness.ts';
import { within } from './servers/cluster.ts';
import { fairToken, startFairHub } from './servers/fair-hub.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '40' },
    documents: { type: 'string', default: '2000' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const [seconds, rate, documents] = [values.seconds, values.rate, values.documents].map(Number) as [
  number,
  number,
  number,
];
const names = Object.keys(attacks) as AttackName[];
const chosen = values.only === undefined ? names : names.filter((name) => values.only?.split(',').includes(name));
/** Until V8 has compiled what is measured, and between two attacks, for what is left of the one before. */
const [warmUpMs, restMs] = [5000, 2000];
const attackers = 10;
const seedBatch = 50;

interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
}

function figuresOf({ latenciesMs }: WitnessReport): Figures {
  const sorted = latenciesMs.map((each) => each ?? Number.POSITIVE_INFINITY).toSorted((one, other) => one - other);
  const at = (share: number): number => Number(percentile(sorted, share).toFixed(1));
  return { p50Ms: at(0.5), p99Ms: at(0.99), samples: sorted.length };
}

/** What the attacker's views and answers are made of: 4 KB each. */
async function seed(port: number): Promise<void> {
  for (let start = 0; start < documents; start += seedBatch) {
    const events = Array.from({ length: seedBatch }, (_, index) => {
      const subject = `seed-${start + index}`;
      const data = { asset: { type: 'table', name: subject, description: 'x'.repeat(4000), domain: 'retail' } };
      return { specversion: '1.0', source: '/seed', id: subject, type: 'gov.asset.created', subject, data };
    });
    const response = await fetch(`http://127.0.0.1:${port}/v1/ingest/busy`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${fairToken('busy', 'seed')}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body: JSON.stringify(events),
    });
    if (response.status !== 200) throw new Error(`the seed was refused: ${await response.text()}`);
  }
}

async function measured(witness: MeasuredProcess, work: () => Promise<unknown>): Promise<Figures> {
  witness.child.send('from');
  await work();
  const told = witness.next((message: WitnessReport) => ('latenciesMs' in message ? message : undefined));
  witness.child.send('until');
  return figuresOf(await within(30, 'what the witness saw', told));
}

async function attack(port: number, name: AttackName): Promise<AttackReport> {
  const target: AttackTarget = {
    port,
    tokens: Array.from({ length: attackers }, (_, index) => fairToken('busy', `busy-${index}`)),
    connector: 'busy',
    since: '2020-01-01T00:00:00Z',
    seconds,
  };
  const attacker = startMeasured('./attack-process.js', 1, [name, JSON.stringify(target)]);
  return within(
    seconds + 60,
    name,
    attacker.next((message: AttackReport) => message),
  );
}

const hub = await startFairHub(values.profile === undefined ? {} : { profile: values.profile });
try {
  await seed(hub.port);
  const options: WitnessOptions = {
    port: hub.port,
    token: fairToken('calm', 'calm'),
    connector: 'calm',
    ratePerSecond: rate,
  };
  const witness = startMeasured('./witness-process.js', 1, [JSON.stringify(options)]);
  await within(
    30,
    'the witness',
    witness.next((message: unknown) => (message === 'live' ? true : undefined)),
  );
  await pause(warmUpMs);
  const alone = await measured(witness, () => pause(seconds * 1000));
  const under: Record<string, Figures & { readonly attack: AttackReport }> = {};
  for (const name of chosen) {
    let report: AttackReport = {};
    const figures = await measured(witness, async () => (report = await attack(hub.port, name)));
    under[name] = { ...figures, attack: report };
    await pause(restMs);
  }
  const again = await measured(witness, () => pause(seconds * 1000));
  witness.end();
  const ratioOf = ({ p99Ms }: Figures): number => Number((p99Ms / alone.p99Ms).toFixed(2));
  const byAttack = Object.fromEntries(Object.entries(under).map(([name, figures]) => [name, ratioOf(figures)]));
  const result = {
    bench: 'fairness',
    params: { seconds, rate, documents, attacks: chosen },
    alone,
    /** At the end: what is left of all of them. */
    afterwards: again,
    attacks: under,
    ratio: { p99UnderAttack: Math.max(...Object.values(byAttack)), byAttack },
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.table({ alone, ...under, afterwards: again });
} finally {
  await hub.stop();
}

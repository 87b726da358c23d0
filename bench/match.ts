/**
 * What does it cost to find the rooms of an event, as the number of selections that exist grows? In this process, on
 * the hub's own room registry. See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { CurrentPolicy } from '../server/policy/current-policy.ts';
import { RoomRegistry } from '../server/delivery/tick/room-registry.ts';
import { createSelection } from '../channels/subscription/selection.ts';
import { benchEvents, benchTenant } from './load/bench-events.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, events: { type: 'string', default: '20000' } },
});
const sizes = [10, 100, 1000, 10_000, 100_000];
const events = benchEvents(Number(values.events), 200);
const policy = new CurrentPolicy({ version: 1, roles: { steward: [{ allow: 'read', kinds: ['asset'] }] } });
const policyClass = policy.classOf({
  tenant: benchTenant,
  sub: 'bench',
  roles: ['steward'],
  claims: {},
  expiresAtMs: 0,
});

/** A mix as users have it: single assets, owners, tags, domains with a filter. Ten of them always match some events. */
function selectionOf(index: number): ReturnType<typeof createSelection> {
  if (index < 10) return createSelection(`domain:domain-${index}`, { type: 'table' });
  switch (index % 4) {
    case 0:
      return createSelection(`asset:urn:gov:other:table-${index}`);
    case 1:
      return createSelection('assets', { owners: `user-${index}`, status: 'active' });
    case 2:
      return createSelection(`classification:scheme-${index}/secret`);
    default:
      return createSelection(`domain:other-${index}`, { $or: [{ platform: 'hive' }, { platform: 'kafka' }] });
  }
}

function measure(count: number): {
  readonly selections: number;
  readonly microsecondsPerEvent: number;
  readonly matches: number;
} {
  const rooms = new RoomRegistry((_tenant, selection) => selection);
  for (let index = 0; index < count; index++) rooms.enter(selectionOf(index), policyClass);
  for (const event of events.slice(0, 5000)) rooms.match(event);
  let matches = 0;
  const before = process.cpuUsage();
  for (const event of events) matches += rooms.match(event).length;
  const { user, system } = process.cpuUsage(before);
  return { selections: count, microsecondsPerEvent: Number(((user + system) / events.length).toFixed(3)), matches };
}

measure(1000);
const runs = sizes.map(measure);
const [smallest, largest] = [runs[0], runs.at(-1)];
if (runs.some((run) => run.matches !== smallest?.matches))
  throw new Error('more selections must not change what matches');
const result = {
  bench: 'match',
  params: { events: events.length, sizes },
  hub: { runs },
  ratio: {
    largestToSmallest: Number(
      ((largest?.microsecondsPerEvent ?? 0) / (smallest?.microsecondsPerEvent ?? 1)).toFixed(2),
    ),
  },
};
if (values.json) console.log(JSON.stringify(result));
else console.table(runs);

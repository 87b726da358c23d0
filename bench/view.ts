/**
 * What does one message cost a view of the client library, as the view grows? In this process. See bench/README.md.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { AnyWireItem } from '../channels/protocol/down.ts';
import { change, type Changes } from '../client-sdk/view/view-content.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, messages: { type: 'string', default: '500' } },
});
const messages = Number(values.messages);
const sizes = [1000, 5000, 10_000, 20_000];
/** Of one message: some change, one comes and one goes, so that the size stays. */
const updatesPerMessage = 4;

function itemOf(number: number, version: number): AnyWireItem {
  const name = `asset_${number}`;
  return {
    entity: {
      urn: `urn:gov:bench:${String(number).padStart(8, '0')}`,
      ...{ kind: 'asset', type: 'table', name, fqn: `db.schema.${name}`, platform: 'snowflake' },
      ...{ domain: `domain${number % 40}`, owners: [`owner${version % 7}`], tags: ['pii/email'], status: 'active' },
    },
  };
}

function messageOf(serial: number, size: number): Changes {
  const changes: Changes = new Map();
  for (let i = 0; i < updatesPerMessage; i += 1) {
    const item = itemOf((serial * 7919 + i * 104_729) % size, serial);
    changes.set(item.entity.urn, item);
  }
  const guest = itemOf(size + (serial >> 1), serial);
  changes.set(guest.entity.urn, serial % 2 === 0 ? guest : null);
  return changes;
}

function msPerMessage(size: number): number {
  let items: readonly AnyWireItem[] = Array.from({ length: size }, (_, number) => itemOf(number, 0));
  const all = Array.from({ length: messages }, (_, serial) => messageOf(serial, size));
  const startMs = performance.now();
  for (const changes of all) ({ items } = change(items, changes));
  const tookMs = performance.now() - startMs;
  if (Math.abs(items.length - size) > 1) throw new Error(`${items.length} items instead of ${size}`);
  return Math.round((tookMs / messages) * 1e4) / 1e4;
}

msPerMessage(sizes[0] ?? 1000);
const result = {
  bench: 'view',
  params: { messages, changesPerMessage: updatesPerMessage + 1 },
  msPerMessage: Object.fromEntries(sizes.map((size) => [size, msPerMessage(size)])),
};
console.log(values.json ? JSON.stringify(result) : result);

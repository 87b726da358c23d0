import { expect, it } from 'vitest';
import { formats } from '../../adapters/formats/formats.ts';
import {
  atlasOrigin,
  envelope,
  nativeMessage,
  notification,
  tableHeader,
  tag,
} from '../../adapters/formats/atlas/fixtures.ts';
import type { Change } from '../../channels/catalog/change.ts';
import { parseHubFile } from '../config/hub-file.ts';
import type { Connector } from './connector.ts';
import { connectorsOf } from './connectors-of.ts';

const common = { tenant: 'acme', namespace: 'urn:gov:bank', superTypes: { IBAN: ['PII'] } };
const connectors = [
  { id: 'bank', format: 'atlas', ...common },
  { id: 'events', format: 'cloudevents', ...common },
];
const entity = tableHeader({ classifications: [tag('IBAN'), tag('PII')] });

async function configured(id: string): Promise<Connector> {
  const file = parseHubFile({ connectors, policy: { roles: {} } }, 'hub.yaml', { formats });
  return (await connectorsOf(file.connectors)).get(id)!;
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

async function imported({ format, profile }: Connector): Promise<readonly Change[]> {
  const found: Change[] = [];
  for await (const changes of format.readBaseline!(once(JSON.stringify(entity)), profile)) found.push(...changes);
  return found;
}

it.each(['bank', 'events'])('the connector %s reads an export by its super-types', async (id) => {
  expect(await imported(await configured(id))).toMatchObject([
    { patch: { classifications: { list: [{ name: 'IBAN' }] } } },
  ]);
});

it('an entity has the same tags by import as by topic', async () => {
  const bank = await configured('bank');
  const message = nativeMessage(envelope(notification('ENTITY_CREATE', entity)));
  const read = bank.format.normalise(message, atlasOrigin, bank.profile);
  const tagsOf = (changes: readonly Change[]): readonly unknown[] =>
    changes.flatMap((change) =>
      'patch' in change ? [(change.patch as { classifications?: unknown }).classifications] : [],
    );
  const byTopic = tagsOf(read.kind === 'changes' ? read.changes : []);
  expect(byTopic).toMatchObject([{ list: [{ name: 'IBAN' }] }]);
  expect(byTopic).toEqual(tagsOf(await imported(bank)));
});

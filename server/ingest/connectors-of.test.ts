import { expect, it } from 'vitest';
import { readBaseline } from '../../adapters/formats/baseline.ts';
import { createFormats } from '../../adapters/formats/formats.ts';
import type { Change } from '../../channels/catalog/change.ts';
import type { ConnectorConfig } from '../config/hub-file.ts';
import { connectorsOf } from './connectors-of.ts';

const config = {
  id: 'bank',
  format: 'atlas',
  tenant: 'acme',
  namespace: 'urn:gov:atlas:bank',
  writes: [],
  superTypes: { IBAN: ['PII'] },
} as unknown as ConnectorConfig;

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

it('a connector reads an export by the super-types by which it reads its topic', async () => {
  const connector = connectorsOf([config], () => createFormats().atlas).get('bank');
  const tags = [{ typeName: 'IBAN' }, { typeName: 'PII' }];
  const text = JSON.stringify({ guid: 'g', typeName: 'bank_table', classifications: tags });
  const found: Change[] = [];
  for await (const changes of readBaseline(once(text), connector!.profile)) found.push(...changes);
  expect(found).toMatchObject([{ patch: { classifications: { list: [{ name: 'IBAN' }] } } }]);
});

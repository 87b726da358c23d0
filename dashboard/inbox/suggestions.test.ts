import { expect, it } from 'vitest';
import { suggestionsOf } from './suggestions.ts';

const tag = (name: string, state: string, scheme = 'pii'): object => ({ scheme, name, state, origin: 'automated' });

it('lists what is suggested and not decided, of the asset and of its columns, each once', () => {
  const document = {
    classifications: [tag('email', 'suggested'), tag('phone', 'confirmed')],
    columns: [
      { key: 'c1', name: 'mail', classifications: [tag('email', 'suggested'), tag('email', 'suggested')] },
      { key: 'c2', name: 'tel', classifications: [tag('phone', 'suggested'), tag('phone', 'confirmed')] },
      { key: 'c3', name: 'odd', classifications: [tag('x', 'suggested', 'a/b%')] },
    ],
  };
  const entity = { urn: 'urn:x', name: 'customers', fqn: 'crm.customers' };
  const found = suggestionsOf([{ entity, document: JSON.parse(JSON.stringify(document)) }]);
  expect(found.map(({ key, column, tag: what }) => [key, column?.name, what])).toEqual([
    ['urn:x||pii/email', undefined, 'pii/email'],
    ['urn:x|c1|pii/email', 'mail', 'pii/email'],
    ['urn:x|c3|a%2Fb%25/x', 'odd', 'a%2Fb%25/x'],
  ]);
});

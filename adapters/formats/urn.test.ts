import { expect, it } from 'vitest';
import type { ConnectorProfile } from '../../channels/ports/message-format.ts';
import { ownUrn, referenceUrn } from './urn.ts';

const profile = { id: 'c', namespace: 'urn:gov:c', writes: [] } as unknown as ConnectorProfile;
const [composed, decomposed] = ['Vertr\u00e4ge', 'Vertra\u0308ge'];

it('P4: the same name in another spelling is the same entity', () => {
  for (const id of [(name: string) => name, (name: string) => `urn:gov:c:${name}`]) {
    expect(ownUrn(profile, id(decomposed), 'subject')).toBe(ownUrn(profile, id(composed), 'subject'));
    expect(referenceUrn(profile, id(decomposed), 'ref')).toBe(referenceUrn(profile, id(composed), 'ref'));
  }
});

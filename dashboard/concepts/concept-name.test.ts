import { expect, it } from 'vitest';
import { conceptName as hubName, conceptUrn as hubUrn } from '../../channels/catalog/concept-name.ts';
import { conceptName, conceptUrn } from './concept-name.ts';

it('names what others name as the hub does', () => {
  for (const named of ['retail', 'a b/é', 'e\u0301', 'urn:gov:hub:1', 'urn:gov:domain:x', '%', 'urn:gov:domain:%', ''])
    for (const kind of ['term', 'domain', 'team'] as const) {
      expect(conceptUrn(kind, named)).toBe(hubUrn(kind, named));
      expect(conceptName(kind, hubUrn(kind, named))).toBe(hubName(kind, hubUrn(kind, named)));
      expect(conceptName(kind, named)).toBe(hubName(kind, named));
    }
});

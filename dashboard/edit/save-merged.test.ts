import { HubClientError } from '@pursight/client';
import { expect, it } from 'vitest';
import type { JsonRecord } from '../ui/json.ts';
import { assetForm as formOf } from './asset-resource.ts';
import type { ResourceRequests } from './resource.ts';
import { saveMerged, takeBack } from './save-merged.ts';

interface World extends ResourceRequests {
  readonly sent: JsonRecord[];
  /** As the hub has it now. */
  set(asset: JsonRecord): void;
}

/** Takes no patch apart: what it would lead to is set by the test. */
function world(first: JsonRecord): World {
  let [asset, version] = [first, 1];
  const sent: JsonRecord[] = [];
  return {
    sent,
    isLayered: true,
    set: (next) => ([asset, version] = [next, version + 1]),
    read: async () => ({ form: formOf(asset), etag: `"${version}"`, document: asset }),
    patch: async (patch, etag) => {
      if (etag !== `"${version}"`) throw new HubClientError('precondition-failed', 'if-match', { retryable: false });
      sent.push(patch);
      return formOf(asset);
    },
  };
}

const team = { id: 'team', type: 'group', role: 'steward' };
const said = { value: 'x', by: 'ada', at: '' };

it('what is taken back is said by nobody any more, and an owner is as before', async () => {
  const before = {
    description: '',
    domain: 'crm',
    status: 'active',
    owners: [team],
    terms: [],
    curated: { domain: said },
  };
  const after = { ...before, description: 'new', domain: 'retail', owners: [] };
  const hub = world(after);
  await takeBack(hub, { before: formOf(before), after: formOf(after), document: before });
  expect(hub.sent).toEqual([
    { description: null, domain: 'crm', owners: { team: { type: 'group', role: 'steward' } } },
  ]);
});

it('taking back never undoes what others have changed since', async () => {
  const before = { description: 'one', domain: 'crm', status: 'active', owners: [], terms: [] };
  const after = { ...before, description: 'two' };
  const hub = world({ ...after, description: 'of another', domain: 'retail' });
  const undone = await takeBack(hub, { before: formOf(before), after: formOf(after), document: before });
  expect(undone).toMatchObject({ kind: 'conflict', conflicts: [{ field: 'description', theirs: 'of another' }] });
  expect(hub.sent).toEqual([]);
  hub.set({ ...after, domain: 'retail' });
  await takeBack(hub, { before: formOf(before), after: formOf(after), document: before });
  expect(hub.sent).toEqual([{ description: null }]);
});

it('a save merges what others have changed in other fields, and remembers what it was made from', async () => {
  const seen = { description: 'one', domain: 'crm', status: 'active', owners: [], terms: [] };
  const hub = world({ ...seen, domain: 'retail' });
  const edited = { base: formOf(seen), mine: formOf({ ...seen, description: 'mine' }), etag: '"0"', document: seen };
  const outcome = await saveMerged(hub, edited);
  expect(hub.sent).toEqual([{ description: 'mine' }]);
  expect(outcome).toMatchObject({
    kind: 'saved',
    before: { texts: { domain: 'retail' } },
    document: { domain: 'retail' },
  });
});

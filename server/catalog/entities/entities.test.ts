import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AssetWorld,
  type CallOptions,
  type EmbeddedAssetWorld,
  type HttpAnswer,
} from '../../../test/harness/asset-world.ts';
import { alertChange, conceptChange, definitionChange, relationshipChange } from '../../../test/harness/changes.ts';
import { assetRoles } from '../../../test/harness/asset-fixture.ts';

let world: EmbeddedAssetWorld;
beforeEach(async () => {
  world = await AssetWorld.embedded({
    ...assetRoles,
    terms: [{ allow: 'read' }, { allow: 'write', kinds: ['term'], where: { domain: 'retail' } }],
    describer: [{ allow: 'read' }, { allow: 'write', fields: ['description'] }],
    blind: [{ allow: 'read', where: { domain: 'retail' } }, { allow: 'write' }],
  });
});
afterEach(async () => world[Symbol.asyncDispose]());

function pathOf(kind: string, urn: string): string {
  return `/v1/${kind}s/${encodeURIComponent(urn)}`;
}

async function create(kind: string, body: object, options: CallOptions = {}): Promise<HttpAnswer & { at: string }> {
  const answer = await world.call('POST', `/v1/${kind}s`, { body, ...options });
  return { ...answer, at: answer.headers['location'] ?? '' };
}

const bodies = {
  term: {
    ...{ id: 'balance', name: 'Balance', description: 'What is left', glossary: 'Banking', domain: 'retail' },
    ...{ synonyms: { saldo: {} }, relatedTerms: { iban: {} }, owners: { ada: {} }, status: 'approved' },
  },
  domain: { id: 'retail', name: 'Retail', parent: 'bank', experts: { jo: {} } },
  team: { id: 'payments', name: 'Payments', members: { ada: {}, jo: {} }, contact: 'payments@bank.example' },
  definition: { scheme: 'pii', name: 'iban', description: 'An account', parents: { account: {} }, level: 3 },
} as const;

describe.each(Object.entries(bodies))('a %s of people', (kind, body) => {
  const chief = { role: 'chief' };

  it('S7 is created, read, listed, changed and deleted', async () => {
    const created = await create(kind, body, chief);
    expect(created).toMatchObject({ status: 201, body: { event: expect.any(String) } });
    const { etag = '' } = created.headers;
    const read = await world.call('GET', created.at);
    expect(read).toMatchObject({ status: 200, body: { kind, name: body.name } });
    const seen = await world.call('GET', created.at, { ...chief, headers: { 'if-none-match': etag } });
    expect(seen.status).toBe(304);
    const listed = await world.call('GET', `/v1/${kind}s`, { ...chief });
    expect(listed.body).toEqual({ [`${kind}s`]: [{ [kind]: read.body, etag }] });

    const patched = await world.call('PATCH', created.at, {
      body: { description: 'other' },
      headers: { 'if-match': etag },
    });
    expect(patched).toMatchObject({ status: 200, body: { [kind]: { description: 'other' } } });
    expect(patched.body['changes']).toContainEqual(expect.objectContaining({ path: '/description', new: 'other' }));
    const stale = await world.call('PATCH', created.at, { body: { description: 'x' }, headers: { 'if-match': etag } });
    expect(stale).toMatchObject({ status: 412, code: 'precondition-failed' });

    expect(await world.call('DELETE', created.at, chief)).toMatchObject({ status: 428 });
    const gone = await world.call('DELETE', created.at, {
      ...chief,
      headers: { 'if-match': patched.headers['etag'] ?? '' },
    });
    expect(gone.status).toBe(204);
    expect(await world.call('GET', created.at)).toMatchObject({ status: 404, code: 'not-found' });
    expect((await world.call('GET', `/v1/${kind}s`)).body).toEqual({ [`${kind}s`]: [] });
    expect(await create(kind, body, chief)).toMatchObject({ status: 201 });
  });

  it('is there once', async () => {
    const { at } = await create(kind, body, chief);
    const again = await create(kind, { ...body, description: 'again' }, chief);
    expect(again).toMatchObject({ status: 409, code: 'already-exists' });
    expect((await world.call('GET', at)).body['description']).not.toBe('again');
  });

  it('S6 a repeated request has its effect once', async () => {
    const options = { ...chief, headers: { 'idempotency-key': 'k' } };
    const first = await create(kind, body, options);
    const second = await create(kind, body, options);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second).toMatchObject({ at: first.at, body: { event: null }, headers: { 'idempotency-replayed': 'true' } });
    const other = await create(kind, { ...body, description: 'other' }, options);
    expect(other).toMatchObject({ status: 422, code: 'idempotency-mismatch' });
  });

  it('is replaced as a whole', async () => {
    const { at, headers } = await create(kind, body, chief);
    expect(await world.call('PUT', at, { ...chief, body })).toMatchObject({ status: 428 });
    const { scheme, name } = { scheme: undefined, ...body };
    const whole = { name, ...(scheme === undefined ? {} : { scheme }), description: 'alone' };
    const put = await world.call('PUT', at, { ...chief, body: whole, headers: { 'if-match': headers['etag'] ?? '' } });
    const shown = put.body[kind] as Record<string, unknown>;
    expect(shown).toMatchObject({ name: body.name, description: 'alone' });
    const filled = Object.entries(shown).filter(([, value]) => Array.isArray(value) && value.length > 0);
    expect(filled).toEqual([]);
  });

  it('S4 of somebody who may not see it there is none, and it cannot be created again', async () => {
    const { at } = await create(kind, body, chief);
    const role = 'writer';
    for (const method of ['GET', 'PATCH', 'DELETE', 'PUT'])
      expect(await world.call(method, at, { role, body: {}, headers: { 'if-match': '*' } })).toMatchObject({
        status: 404,
      });
    expect(await create(kind, body, { role })).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('is refused with the place that is wrong', async () => {
    const { at } = await create(kind, body, chief);
    const wrong = await world.call('PATCH', at, { body: { nothing: 1 } });
    expect(wrong).toMatchObject({ status: 400, message: expect.stringContaining('/nothing: unknown; known are') });
    expect(await create(kind, { description: 'x' })).toMatchObject({
      status: 400,
      message: expect.stringContaining('is missing'),
    });
  });

  it('a reader changes nothing', async () => {
    const { at } = await create(kind, body, chief);
    const role = 'reader';
    expect(await create(kind, { ...body, name: 'other', id: undefined }, { role })).toMatchObject({ status: 403 });
    expect(await world.call('PATCH', at, { role, body: { description: 'x' } })).toMatchObject({ status: 403 });
    expect(await world.call('DELETE', at, { role, headers: { 'if-match': '*' } })).toMatchObject({ status: 403 });
  });
});

describe('grants', () => {
  it('of a kind and domain are judged before and after', async () => {
    const role = 'terms';
    const { at } = await create('term', bodies.term, { role });
    expect(await create('team', bodies.team, { role })).toMatchObject({ status: 403 });
    expect(await create('term', { name: 'x', domain: 'risk' }, { role })).toMatchObject({ status: 403 });
    const moved = await world.call('PATCH', at, { role, body: { domain: 'risk' } });
    expect(moved).toMatchObject({ status: 403, message: expect.stringContaining('of the term as it would be then') });
  });

  it('of a field are for that field', async () => {
    const { at } = await create('term', bodies.term);
    const role = 'describer';
    expect(await world.call('PATCH', at, { role, body: { description: 'x' } })).toMatchObject({ status: 200 });
    expect(await world.call('PATCH', at, { role, body: { synonyms: { x: {} } } })).toMatchObject({ status: 403 });
  });

  it('nobody moves something out of his own sight', async () => {
    const { at } = await create('term', bodies.term);
    const moved = await world.call('PATCH', at, { role: 'blind', body: { domain: 'risk' } });
    expect(moved).toMatchObject({ status: 403, message: expect.stringContaining('could not see the term any more') });
  });

  it('S3 S7 what decides how a tag protects needs the right to declassify', async () => {
    expect(await create('definition', bodies.definition)).toMatchObject({ status: 403 });
    const { parents: _parents, level: _level, ...plain } = bodies.definition;
    const { at } = await create('definition', plain);
    expect(await world.call('PATCH', at, { body: { parents: { account: {} } } })).toMatchObject({ status: 403 });
    const leveled = await world.call('PATCH', at, { body: { level: 1 } });
    expect(leveled).toMatchObject({ status: 403, message: expect.stringContaining('/level') as unknown });
    expect(await world.call('PATCH', at, { role: 'chief', body: { level: 1 } })).toMatchObject({ status: 200 });
    expect(await world.call('DELETE', at, { headers: { 'if-match': '*' } })).toMatchObject({ status: 403 });
  });

  it('S7 what a source says is changed there', async () => {
    const facts = { connector: 'glossary', urn: 'urn:gov:glossary:a' };
    await world.send(conceptChange({ name: 'a' }, facts), definitionChange({ scheme: 's', name: 'n' }));
    for (const at of [pathOf('term', facts.urn), pathOf('definition', 'urn:gov:definition')]) {
      expect(await world.call('GET', at)).toMatchObject({ status: 200 });
      const changed = await world.call('PATCH', at, { body: { description: 'x' } });
      expect(changed).toMatchObject({ status: 403, message: 'urn: its source says it; change it there' });
    }
  });

  it('what a source has deleted is of the people who define it again', async () => {
    const facts = { connector: 'glossary', urn: 'urn:gov:term:balance', completeness: 'delta' } as const;
    await world.send(conceptChange({ name: 'a' }, facts));
    const { connector, urn, completeness } = facts;
    const deletion = {
      ...conceptChange({}, { connector, urn, completeness, messageId: 'x' }),
      action: 'delete',
    } as const;
    await world.send({ ...deletion, target: 'term' });
    const { at } = await create('term', bodies.term);
    expect(await world.call('PATCH', at, { body: { description: 'x' } })).toMatchObject({ status: 200 });
  });
});

it.each([
  ['definition', { scheme: '€'.repeat(256), name: '€'.repeat(256) }],
  ['term', { name: 'x', id: '€'.repeat(256) }],
])('L5 a %s whose urn would be too long is refused before a store is asked for it', async (kind, body) => {
  const answer = await create(kind, body, { role: 'chief' });
  expect(answer).toMatchObject({ status: 422, code: 'limit-exceeded', message: expect.stringContaining('urn: would') });
});

describe('relationships of people', () => {
  const ends = { from: 'urn:gov:warehouse:a', to: 'urn:gov:warehouse:b' };
  beforeEach(async () => {
    for (const urn of Object.values(ends)) await world.scan({ type: 'table', domain: 'retail' }, urn);
    await world.scan({ type: 'table', domain: 'risk' }, 'urn:gov:warehouse:secret');
  });

  it('are an edge between what is there, whose properties change', async () => {
    const { at, body } = await create('relationship', { ...ends, type: 'joins', properties: { on: 'id' } });
    expect(body['relationship']).toMatchObject({ ...ends, type: 'joins', lineage: false });
    const patched = await world.call('PATCH', at, { body: { properties: { by: 'ada', on: null }, lineage: true } });
    expect(patched.body['relationship']).toMatchObject({ lineage: true, properties: [{ key: 'by', value: 'ada' }] });
    const moved = await world.call('PATCH', at, { body: { to: ends.from } });
    expect(moved).toMatchObject({ status: 403, message: '/to: cannot change; delete it and create another' });
    const head = (
      await world.store.find({
        tenant: 'acme',
        filter: { op: 'eq', field: 'kind', value: 'relationship' },
        limit: 9,
        maxBytes: 1e6,
      })
    ).documents[0]?.head;
    expect(head?.refLabels).toMatchObject({ domains: ['retail'] });
    expect(head?.refLabels).not.toHaveProperty('unknown');
  });

  it('cannot be made to what somebody does not see, which is as if it did not exist', async () => {
    const messages = [];
    for (const to of ['urn:gov:warehouse:secret', 'urn:gov:warehouse:none'])
      messages.push(await create('relationship', { ...ends, to, type: 'joins' }, { role: 'blind' }));
    expect(messages.map(({ status, message }) => [status, message])).toEqual(
      Array.from({ length: 2 }, () => [400, '/to: it does not exist, or you may not see it']),
    );
  });
});

describe('alerts', () => {
  it('are read and listed, and not written', async () => {
    await world.send(alertChange({ name: 'late', subject: 'urn:gov:a', severity: 9 }));
    const at = pathOf('alert', 'urn:gov:alert');
    expect(await world.call('GET', at)).toMatchObject({ status: 200, body: { kind: 'alert', severity: 9 } });
    const list = await world.call(
      'GET',
      `/v1/alerts?filter=${encodeURIComponent('{"severity":{"$gt":5}}')}&fields=name`,
    );
    expect(list.body).toEqual({ alerts: [{ alert: { name: 'late' }, etag: expect.any(String) }] });
    expect(await world.call('PATCH', at, { body: {} })).toMatchObject({ status: 405 });
  });
});

describe('every route', () => {
  const secret = 'canary';
  const hidden = { description: secret, domain: 'risk' };

  it('P1 gives a viewer no byte of what it may not see', async () => {
    const urn = (kind: string): string => `urn:gov:source:${kind}`;
    await world.scan({ type: 'table', name: secret, ...hidden }, urn('asset'));
    const list = { mode: 'state', list: [secret] } as const;
    await world.send(
      conceptChange({ name: secret, ...hidden, synonyms: list, glossary: secret }, { urn: urn('term') }),
      conceptChange({ name: secret, experts: list }, { urn: urn('domain'), target: 'domain' }),
      conceptChange({ name: secret, members: list, contact: secret }, { urn: urn('team'), target: 'team' }),
      definitionChange({ scheme: secret, name: secret }, { urn: urn('definition') }),
      alertChange({ name: secret, message: secret, subject: urn('asset') }, { urn: urn('alert') }),
      relationshipChange(
        { from: urn('asset'), to: urn('term'), properties: { [secret]: secret } },
        { urn: urn('relationship') },
      ),
    );
    for (const kind of ['asset', 'term', 'domain', 'team', 'definition', 'alert', 'relationship']) {
      const at = pathOf(kind, urn(kind));
      const open = await world.call('GET', at, { role: 'reader' });
      expect(JSON.stringify(open.body)).toContain(secret);
      for (const [method, path] of [
        ...['GET', 'PATCH', 'PUT', 'DELETE'].map((each) => [each, at] as const),
        ...['', '?sort=name', '?sort=-updatedAt', '?fields=name,urn'].map(
          (query) => ['GET', `/v1/${kind}s${query}`] as const,
        ),
      ]) {
        const answer = await world.call(method, path, { role: 'own', headers: { 'if-match': '*' } });
        expect(JSON.stringify([answer.body, answer.headers])).not.toContain(secret);
        expect(answer.status).toBeOneOf([200, 404, 405]);
      }
    }
  });
});

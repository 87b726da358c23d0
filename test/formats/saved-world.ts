import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { tokenFor } from '../harness/hub-process.ts';

/** What a hub has whose records are saved: one document of each kind, and something of everything else that is stored. */
export const savedFile = {
  connectors: [
    { id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank', scheme: 'pii' },
    { id: 'atlas', format: 'atlas', tenant: 'acme', namespace: 'urn:gov:atlas' },
  ],
  policy: {
    version: 1,
    roles: {
      admin: [
        { allow: 'read' },
        { allow: 'write' },
        { allow: 'ingest' },
        { allow: 'administer' },
        { allow: 'operate' },
      ],
    },
  },
};

export const admin = tokenFor({ sub: 'root', roles: ['admin'] });

const table = {
  type: 'table',
  name: 'accounts',
  fqn: 'retail.accounts',
  platform: 'iceberg',
  parent: 'retail',
  description: 'Balances of the day',
  domain: 'retail',
  owners: ['maria', { id: 'payments', type: 'group', role: 'steward' }],
  aliases: ['acc'],
  terms: ['balance'],
  properties: { retention: 7, 'a.b$c': { deep: [1, null] } },
  columns: [
    { name: 'iban', type: 'string', description: 'Account number', classifications: ['iban'] },
    { name: 'city', type: 'string', classifications: [{ scheme: 'geo', name: 'city', state: 'suggested' }] },
  ],
  classifications: [{ scheme: 'pii', name: 'person', level: 3, attributes: { 'x.y': 1 } }],
};

const messages: readonly object[] = [
  { type: 'gov.asset.created', subject: 'accounts', data: { asset: table } },
  { type: 'gov.asset.created', subject: 'orders', data: { asset: { type: 'table', name: 'orders' } } },
  { type: 'gov.asset.created', subject: 'old', data: { asset: { type: 'table', name: 'old' } } },
  { type: 'gov.asset.deleted', subject: 'old' },
  { type: 'gov.classification.defined', data: { scheme: 'pii', name: 'iban', parents: ['person'], level: 3 } },
  {
    type: 'gov.incident.changed',
    subject: 'incident/1',
    data: { subject: 'accounts', name: 'late', message: 'no rows', severity: 17, status: 'open', assignees: ['maria'] },
  },
  { type: 'gov.lineage.observed', subject: 'edge/1', data: { from: 'orders', to: 'accounts' } },
  { type: 'gov.quality.result', subject: 'accounts', data: { check: 'rows', status: 'failed', message: '0 rows' } },
  { type: 'gov.documentation.changed', subject: 'accounts', data: { column: 'iban', description: 'IBAN' } },
  { type: 'vendor.note', subject: 'orders', data: { 'free.text': ['$as', 'it', 'is'] } },
];

/** Takes all of it in; the last message is one that cannot be read, and becomes a dead letter. */
export async function fillHub(url: string): Promise<void> {
  for (const [index, message] of messages.entries()) {
    const { status, body } = await postCloudEvent(url, 'events', admin, { id: `saved-${index}`, ...message });
    if (status !== 200) throw new Error(`message ${index}: ${status} ${JSON.stringify(body)}`);
  }
  await postCloudEvent(url, 'events', admin, {
    id: 'bad',
    type: 'gov.owner.changed',
    subject: 'orders',
    data: { no: 1 },
  });
  const half = { version: { version: '1.0.0' }, msgSplitIdx: 1, msgSplitCount: 2, msgId: 'split-1', message: 'e30' };
  await callApi(url, '/v1/ingest/atlas', {
    token: admin,
    body: JSON.stringify(half),
    headers: { 'content-type': 'application/json' },
  });
  const revoked = await callApi(url, '/v1/revocations', {
    token: admin,
    body: JSON.stringify({ subject: 'mallory', expiresAt: '2099-01-01T00:00:00Z' }),
    headers: { 'content-type': 'application/json' },
  });
  if (revoked.status >= 300) throw new Error(`revocation: ${revoked.status} ${revoked.text}`);
}

/** What a hub with those records answers, whatever its release. */
export async function answersOf(url: string): Promise<Readonly<Record<string, unknown>>> {
  const get = async (path: string): Promise<unknown> => (await callApi(url, path, { token: admin })).body;
  return {
    documents: await get('/v1/documents?limit=100'),
    deadLetters: await get('/v1/deadletters'),
    revocations: await get('/v1/revocations'),
  };
}

/** What a development hub runs with when there is no PURSIGHT_CONFIG: enough to try everything. */
export const developmentFile = {
  connectors: [
    {
      id: 'events',
      format: 'cloudevents',
      topic: 'catalog-events',
      tenant: 'demo',
      namespace: 'urn:gov:demo',
      writes: ['urn:gov:classification:pii'],
      source: '/cloudevents/demo',
    },
    {
      id: 'atlas',
      format: 'atlas',
      topic: 'ATLAS_ENTITIES',
      tenant: 'demo',
      namespace: 'urn:gov:atlas:demo',
      scheme: 'atlas',
      source: '/atlas/demo',
    },
  ],
  policy: {
    version: 1,
    roles: {
      admin: [
        { allow: 'read' },
        { allow: 'write' },
        { allow: 'declassify' },
        { allow: 'ingest' },
        { allow: 'administer' },
        { allow: 'operate' },
      ],
      steward: [{ allow: 'read' }, { allow: 'write' }, { allow: 'declassify' }],
      viewer: [
        { allow: 'read', kinds: ['asset'], where: { status: { $in: ['active', 'deprecated'] } } },
        { deny: 'read', where: { tags: { $startsWith: 'pii/' } } },
      ],
      bot: [{ allow: 'read', kinds: ['alert'] }],
    },
  },
} as const;

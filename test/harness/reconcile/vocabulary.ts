/** Few words for many messages: so that filters and policies meet what they name again and again. */
export const vocabulary = {
  atlasOperations: [
    'ENTITY_CREATE',
    'ENTITY_UPDATE',
    'ENTITY_UPDATE',
    'CLASSIFICATION_ADD',
    'CLASSIFICATION_ADD',
    'CLASSIFICATION_DELETE',
    'ENTITY_DELETE',
  ],
  atlasTypes: ['hive_table', 'hive_db', 'rdbms_table'],
  types: ['table', 'view', 'dashboard', 'topic'],
  domains: ['retail', 'cards', 'risk', 'treasury'],
  owners: ['ada', 'ben', 'cleo', 'dan'],
  tags: ['pii/EMAIL', 'pii/PHONE', 'gdpr/special', 'public'],
  atlasTags: ['EMAIL', 'PHONE', 'SPECIAL'],
  alertStates: ['open', 'acknowledged', 'resolved'],
} as const;

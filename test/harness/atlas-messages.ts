/** Messages as Atlas puts them on ATLAS_ENTITIES. */

interface AtlasEntity {
  readonly guid: string;
  readonly name: string;
  readonly typeName?: string;
  readonly owner?: string;
  readonly tags?: readonly string[];
}

export function atlasMessage(
  operationType: string,
  { guid, name, typeName = 'hive_table', owner, tags }: AtlasEntity,
  eventTime: number,
): string {
  const entity = {
    typeName,
    guid,
    attributes: { qualifiedName: `bank.${name}@prod`, name, ...(owner === undefined ? {} : { owner }) },
    displayText: name,
    status: 'ACTIVE',
    ...(tags === undefined
      ? {}
      : {
          classificationNames: tags,
          classifications: tags.map((tag) => ({
            typeName: tag,
            entityGuid: guid,
            entityStatus: 'ACTIVE',
            propagate: true,
          })),
        }),
  };
  return JSON.stringify({
    version: { version: '1.0.0', versionParts: [1] },
    msgCompressionKind: 'NONE',
    msgSplitIdx: 1,
    msgSplitCount: 1,
    msgSourceIP: '10.0.0.7',
    msgCreatedBy: '',
    msgCreationTime: eventTime + 3,
    message: { type: 'ENTITY_NOTIFICATION_V2', operationType, eventTime, entity },
  });
}

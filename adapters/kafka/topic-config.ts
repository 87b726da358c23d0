import kafkajs, { type Admin } from 'kafkajs';

const { ConfigResourceTypes } = kafkajs;

/** The settings of a topic as its broker has them, by name. Rejects without permission to see them. */
export async function topicConfig(admin: Admin, topic: string): Promise<ReadonlyMap<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  return new Map((resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]));
}

import { join } from 'node:path';

/** Topics of its own, beside those of other tests. */
export const atlasTopics = { entities: 'PURSIGHT_ATLAS_ENTITIES', hook: 'PURSIGHT_ATLAS_HOOK' };

/** A whole server in one folder: BerkeleyDB for the graph, its own Solr for the index, no ZooKeeper, no HBase. */
export function properties({ port, dir, brokers }) {
  return lines({
    'atlas.graph.storage.backend': 'berkeleyje',
    'atlas.graph.storage.directory': join(dir, 'data', 'berkeley'),
    'atlas.graph.index.search.backend': 'solr',
    'atlas.graph.index.search.solr.mode': 'cloud',
    'atlas.graph.index.search.solr.embedded': 'true',
    'atlas.graph.index.search.solr.wait-searcher': 'true',
    'atlas.graph.index.search.solr.zookeeper-url': '127.0.0.1:9983',
    'atlas.graph.index.search.max-result-set-size': '150',
    'atlas.EntityAuditRepository.impl': 'org.apache.atlas.repository.audit.InMemoryEntityAuditRepository',
    'atlas.notification.embedded': 'false',
    'atlas.notification.create.topics': 'false',
    'atlas.notification.entities.topic.name': atlasTopics.entities,
    'atlas.notification.hook.topic.name': atlasTopics.hook,
    'atlas.notification.relationships.enabled': 'true',
    // so that a message that is split is small enough to be kept with the tests
    'atlas.notification.message.max.length.bytes': '32768',
    'atlas.kafka.bootstrap.servers': brokers,
    // it is asked for, and not needed
    'atlas.kafka.zookeeper.connect': '127.0.0.1:29026',
    'atlas.kafka.data': join(dir, 'data', 'kafka'),
    'atlas.kafka.hook.group.id': 'atlas',
    'atlas.kafka.enable.auto.commit': 'false',
    'atlas.kafka.auto.offset.reset': 'earliest',
    'atlas.authentication.method.kerberos': 'false',
    'atlas.authentication.method.file': 'true',
    'atlas.authentication.method.file.filename': join(dir, 'conf', 'users-credentials.properties'),
    'atlas.authorizer.impl': 'none',
    'atlas.enableTLS': 'false',
    'atlas.rest.address': `http://127.0.0.1:${port}`,
    'atlas.server.bind.address': '127.0.0.1',
    'atlas.server.http.port': `${port}`,
    'atlas.server.ha.enabled': 'false',
    'atlas.server.run.setup.on.start': 'false',
  });
}

export function log4j() {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE log4j:configuration SYSTEM "log4j.dtd">
<log4j:configuration xmlns:log4j="http://jakarta.apache.org/log4j/">
  <appender name="console" class="org.apache.log4j.ConsoleAppender">
    <layout class="org.apache.log4j.PatternLayout"><param name="ConversionPattern" value="%d %-5p %c - %m%n"/></layout>
  </appender>
  <root><priority value="warn"/><appender-ref ref="console"/></root>
</log4j:configuration>
`;
}

function lines(settings) {
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

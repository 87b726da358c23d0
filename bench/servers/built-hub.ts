/** The built hub in cluster mode, in a process of its own on CPU 0, as it is deployed. */
import { readFileSync } from 'node:fs';
import type { Cluster } from './cluster.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';

export interface BuiltHubOptions {
  readonly cluster: Cluster;
  readonly components: string;
  readonly logPartitions: number;
  readonly connectors: readonly object[];
  /** Flags of Node, a profiler's for example. */
  readonly flags?: readonly string[];
}

const policy = { version: 1, roles: { steward: [{ allow: 'read', kinds: ['asset'] }] } };
const ticksPerSecond = 100;

export function startBuiltHub(options: BuiltHubOptions): Promise<HubProcess> {
  const { cluster, components, connectors, logPartitions, ...others } = options;
  return startHubProcess({
    ...others,
    file: { connectors, policy },
    args: ['--components', components],
    isPinned: true,
    environment: {
      PURSIGHT_KAFKA_BROKERS: cluster.brokers,
      PURSIGHT_MONGO_URL: cluster.mongoUrl,
      PURSIGHT_REDIS_URL: cluster.redisUrl,
      PURSIGHT_TOPIC_PREFIX: cluster.prefix,
      PURSIGHT_LOG_PARTITIONS: String(logPartitions),
      PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: '100000',
      PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '100000',
    },
  });
}

/** User and system time of a process and all its threads so far. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the name of the program may hold blanks; utime and stime are the 12th and 13th field after it
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

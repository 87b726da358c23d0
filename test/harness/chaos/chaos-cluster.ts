import { type Address, FaultProxy } from '../fault-proxy.ts';
import { scratchFolder } from '../hub-process.ts';
import { createTopics } from '../kafka-topics.ts';
import { mixedPolicy } from '../reconcile/mixed-clients.ts';
import type { TrafficConnector } from '../reconcile/traffic.ts';
import { ChaosNode } from './chaos-node.ts';
import { type ChaosServices, type ChaosServicesOptions, startChaosServices } from './chaos-services.ts';

export interface ChaosClusterOptions extends ChaosServicesOptions {
  readonly connectors: readonly TrafficConnector[];
  /** Of each hub. */
  readonly settings: Readonly<Record<string, string>>;
}

const nodeCount = 3;
/** Clients have few names and one address. */
const roomForAll = {
  PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '5000',
  PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: '5000',
};

/** Hubs on services of their own, with a load balancer before them. */
export class ChaosCluster {
  readonly nodes: ChaosNode[] = [];
  /** The load balancer. */
  readonly front = new FaultProxy(() => this.#nextNode());
  readonly #options: ChaosClusterOptions;
  readonly #folder = scratchFolder();
  #services: ChaosServices | undefined;
  #port = 0;
  #turn = 0;

  constructor(options: ChaosClusterOptions) {
    this.#options = options;
  }

  get services(): ChaosServices {
    if (this.#services === undefined) throw new Error('not started yet');
    return this.#services;
  }

  /** For clients. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Nodes that serve as far as anybody knows. */
  get urlsInService(): readonly string[] {
    return this.nodes.filter(({ isInService }) => isInService).map(({ url }) => url);
  }

  async start(): Promise<void> {
    this.#services = await startChaosServices(this.#options);
    await this.#createTopics();
    for (let index = 0; index < nodeCount; index++) this.nodes.push(await this.#createNode(`node-${index}`));
    // one before the others: it makes the topics of the deployment
    await this.nodes[0]?.start();
    await Promise.all(this.nodes.slice(1).map((node) => node.start()));
    this.#port = await this.front.listen();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.dispose()));
    await this.front.close();
    await this.#services?.dispose();
    this.#folder.remove();
  }

  topicOf(connector: string): string {
    return `${this.#options.name}.source.${connector}`;
  }

  async #createTopics(): Promise<void> {
    const topics = this.#options.connectors.flatMap(({ id, partitions }) =>
      partitions === undefined ? [] : [[this.topicOf(id), partitions] as const],
    );
    await createTopics(this.services.brokers, Object.fromEntries(topics));
  }

  async #createNode(name: string): Promise<ChaosNode> {
    const { settings, brokers, connectors } = this.#options;
    const kafka = { brokers: this.services.brokers.split(',') };
    return ChaosNode.create({
      name,
      dataDir: this.#folder.path,
      file: {
        policy: mixedPolicy,
        connectors: connectors.map(({ id, format, tenant, namespace, partitions }) => ({
          ...{ id, format, tenant, namespace, scheme: 'pii' },
          ...(partitions === undefined ? {} : { topic: this.topicOf(id), kafka }),
        })),
      },
      environment: {
        ...this.services.environment,
        ...roomForAll,
        ...settings,
        PURSIGHT_LOG_REPLICATION: String(brokers),
      },
    });
  }

  #nextNode(): Address | undefined {
    const nodes = this.nodes.filter(({ isInService }) => isInService);
    const node = nodes[(this.#turn += 1) % nodes.length];
    return node === undefined ? undefined : { host: '127.0.0.1', port: node.port };
  }
}

import { expect } from 'vitest';
import type { Policy } from '../../channels/policy/policy.ts';
import { eventually } from './eventually.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import type { ModelClient, ModelSubscription } from './model-client.ts';
import { createTestNode, MemoryDocuments, type TestNode, type TestNodeOptions } from './test-node.ts';
import { World } from './world.ts';

const policy: Policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' }],
    careful: [{ allow: 'read' }, { deny: 'read', where: { domain: 'secret' } }],
  },
};

/** A log, a journal and documents that change, and nodes that serve them. */
export class ResumeWorld {
  readonly log = Object.assign(new MemoryEventLog(3), { nowMs: 1_000_000 });
  readonly journal = new MemoryEventJournal();
  readonly documents = new MemoryDocuments();
  readonly world = new World(this);
  readonly #nodes: TestNode[] = [];

  async startNode(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
    const { log, journal, documents } = this;
    const node = createTestNode({ log, journal, documents, policy, now: () => log.nowMs, ...options });
    this.#nodes.push(node);
    await node.start();
    return node;
  }

  async caughtUp(node: TestNode): Promise<void> {
    await eventually(async () => expect(node.gateway.position.vector).toEqual(await this.log.ends()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }
}

/** Connects and waits until everything is live. */
export async function live(client: ModelClient, node: TestNode, principal: object = {}): Promise<void> {
  await client.connect(node, principal);
  await eventually(() => {
    client.read();
    expect(client.subscriptions.every((each) => each.live)).toBe(true);
  });
}

/** What the client's first subscription was told last. */
export function lastTold(client: ModelClient): ModelSubscription['announced'][number] | undefined {
  return client.subscriptions[0]?.announced.at(-1);
}

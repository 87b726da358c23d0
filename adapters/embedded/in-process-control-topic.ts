import type { ControlTopic, FollowOptions } from '../../channels/ports/control-topic.ts';

/** The control topic of a hub that is one process: what is stored needs no other way to anybody. */
export function createInProcessControlTopic(): ControlTopic {
  const followers = new Set<FollowOptions>();
  return {
    async append(text) {
      for (const { onRecord } of followers) onRecord(text);
    },
    async follow(options) {
      followers.add(options);
      return { drained: async () => undefined, close: async () => void followers.delete(options) };
    },
    close: async () => followers.clear(),
  };
}

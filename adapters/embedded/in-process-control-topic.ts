import { asError } from '../../channels/base/thrown.ts';
import type { ControlTopic, FollowOptions } from '../../channels/ports/control-topic.ts';

/** The control topic of a hub that is one process: what is stored needs no other way to anybody. */
export function createInProcessControlTopic(): ControlTopic {
  const followers = new Set<FollowOptions>();
  return {
    async append(text) {
      for (const follower of followers) handOver(follower, text);
    },
    async follow(options) {
      followers.add(options);
      return { drained: async () => undefined, close: async () => void followers.delete(options) };
    },
    close: async () => followers.clear(),
  };
}

/** A follower that cannot work on a record keeps neither the sender nor the other followers from theirs. */
function handOver({ onRecord, onFault }: FollowOptions, text: string): void {
  try {
    onRecord(text);
  } catch (error) {
    onFault(asError(error));
  }
}

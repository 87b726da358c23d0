import { registerControlTopicTests } from '../contract/control-topic.ts';
import { createInProcessControlTopic } from './in-process-control-topic.ts';

registerControlTopicTests({ name: 'in process', create: async () => createInProcessControlTopic(), alone: true });

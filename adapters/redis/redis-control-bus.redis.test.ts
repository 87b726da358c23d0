import { expect } from 'vitest';
import { describeWithServices } from '../../test/setup/services.ts';
import { registerControlBusTests } from '../contract/control-bus.ts';
import { eventually } from '../contract/eventually.ts';
import { createRedisControlBus } from './redis-control-bus.ts';

describeWithServices(['redis'], 'with Redis', ({ redis }) => {
  registerControlBusTests({
    name: 'redis',
    create: async (node, test) => {
      const bus = createRedisControlBus({ url: redis, node, prefix: test });
      await eventually(() => expect(bus.state()).toBe('up'));
      return bus;
    },
  });
});

import { registerControlBusTests } from '../contract/control-bus.ts';
import { createInProcessControlBus } from './in-process-control-bus.ts';

registerControlBusTests({ name: 'in-process', alone: true, create: async () => createInProcessControlBus() });

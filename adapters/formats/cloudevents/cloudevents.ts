import { baselineOptions } from '../baseline-options.ts';
import { nativeFormat } from '../native-format.ts';

export const cloudEvents = nativeFormat({
  name: 'cloudevents',
  options: baselineOptions,
  create: async (options) => (await import('./cloudevents-format.ts')).createCloudEventsFormat(options),
});

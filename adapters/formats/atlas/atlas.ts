import { baselineOptions } from '../baseline-options.ts';
import { nativeFormat } from '../native-format.ts';

export const atlas = nativeFormat({
  name: 'atlas',
  options: baselineOptions,
  create: async (options) => (await import('./atlas-format.ts')).createAtlasFormat(options),
});

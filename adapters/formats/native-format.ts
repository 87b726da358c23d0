import type { infer as Infer, ZodObject } from 'zod';
import type { MessageFormat, NativeFormat } from '../../channels/ports/message-format.ts';

interface Description<Options extends ZodObject> {
  readonly name: string;
  readonly options: Options;
  /** Imports the code of the format. */
  readonly create: (options: Infer<Options>) => Promise<MessageFormat>;
}

/** Describes a format; what its options are is known only here. */
export function nativeFormat<Options extends ZodObject>({ name, options, create }: Description<Options>): NativeFormat {
  return { name, options, create: async (configured) => create(options.parse(configured)) };
}

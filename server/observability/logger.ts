import { pino } from 'pino';

/** Structured log: JSON lines on standard error. Facts go into fields, not into the text. */
export type Logger = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** Paths that may hold secrets, wherever an object is logged. */
const redacted = [
  'token',
  'password',
  'secret',
  'authorization',
  '*.token',
  '*.password',
  '*.secret',
  '*.authorization',
  'headers.authorization',
  'headers.cookie',
  'auth.token',
];

export function createLogger(options: { readonly level: string; readonly node: string }): Logger {
  return pino(
    {
      level: options.level,
      base: { node: options.node },
      redact: { paths: redacted, censor: '[redacted]' },
      serializers: { error: pino.stdSerializers.errWithCause },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

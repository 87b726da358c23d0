import { hostname } from 'node:os';
import type { NativeFormat } from '../channels/ports/message-format.ts';
import { HubError } from '../channels/protocol/hub-error.ts';
import { developmentFile } from '../server/config/development-file.ts';
import { type HubFile, parseHubFile, readHubFile } from '../server/config/hub-file.ts';
import { readSettings } from '../server/config/read-settings.ts';
import type { Settings } from '../server/config/settings.ts';
import type { OpenAdapters } from '../server/node/hub-adapters.ts';
import type { Diagnose } from './diagnose.ts';
import { exitCode } from './exit-code.ts';

export interface ProgramOptions {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Those that connectors may name. */
  readonly formats: readonly NativeFormat[];
  readonly openAdapters: OpenAdapters;
  readonly diagnose: Diagnose;
}

/** What every command works with. */
export interface CommandContext {
  readonly environment: ProgramOptions['environment'];
  readonly formats: ProgramOptions['formats'];
  readonly openAdapters: OpenAdapters;
  readonly diagnose: Diagnose;
  /** Results go to standard output, one line each. */
  readonly print: (line: string) => void;
  /** What went wrong and what to do goes to standard error. */
  readonly complain: (line: string) => void;
}

export function nodeName(settings: Settings): string {
  return settings.nodeName ?? `${hostname()}-${process.pid}`;
}

/** Settings of this command. @throws HubError config-invalid */
export function settingsOf(
  context: CommandContext,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Settings {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return readSettings({ ...context.environment, ...given });
}

/** Connectors and policy. @throws HubError config-invalid */
export function hubFileOf(settings: Settings, context: Pick<CommandContext, 'environment' | 'formats'>): HubFile {
  if (settings.config !== undefined) return readHubFile(settings.config, context);
  if (settings.env === 'production')
    throw new HubError(
      'config-invalid',
      'PURSIGHT_CONFIG: must name the file with connectors and policy in production',
    );
  return parseHubFile(developmentFile, 'built-in development configuration', { formats: context.formats });
}

/** The exit code that fits an error. */
export function exitCodeOf(error: HubError): number {
  switch (error.code) {
    case 'config-invalid':
    case 'storage-locked':
    case 'storage-damaged':
    case 'log-mismatch':
      return exitCode.usage;
    case 'storage-unavailable':
    case 'not-ready':
    case 'shutting-down':
    case 'unreachable':
      return exitCode.unavailable;
    case 'unauthenticated':
    case 'token-expired':
    case 'token-revoked':
    case 'forbidden':
      return exitCode.refused;
    case 'internal':
      return exitCode.failure;
    default:
      return exitCode.rejected;
  }
}

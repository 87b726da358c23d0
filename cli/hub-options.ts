import type { Command } from 'commander';

/** The options of every command that talks to a running hub. */
export function withHubOptions(command: Command): Command {
  return command
    .option('--url <url>', 'address of the hub (PURSIGHT_URL; default: http://PURSIGHT_HOST:PURSIGHT_PORT)')
    .option('--token <token>', 'bearer token (PURSIGHT_TOKEN; in development one is generated)')
    .option('--tenant <tenant>', 'tenant of the generated token (default: that of the first connector)');
}

/** Text below a command's own help. */
export function examples(...lines: readonly string[]): string {
  return ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
}

import type { Command } from 'commander';
import { isJsonObject, type JsonObject } from '../channels/event/json.ts';
import { HubError } from '../channels/protocol/hub-error.ts';
import { resolveSecrets } from '../server/config/secrets.ts';
import type { Settings } from '../server/config/settings.ts';
import { mintToken } from '../server/identity/token-verifier.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { examples } from './hub-options.ts';

interface TokenFlags {
  readonly sub: string;
  readonly roles: string;
  readonly tenant: string;
  readonly ttl: string;
  readonly claims?: string;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(ttl: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(ttl);
  const unit = match?.[2] === undefined ? undefined : unitSeconds[match[2]];
  if (unit === undefined) throw new HubError('config-invalid', '--ttl: a number with s, m, h or d, for example 1h');
  return Number(match?.[1]) * unit;
}

function claimsOf(text: string | undefined): JsonObject {
  try {
    const claims: unknown = JSON.parse(text ?? '{}');
    if (isJsonObject(claims)) return claims;
  } catch {
    // the same answer as for JSON that is no object
  }
  throw new HubError('config-invalid', '--claims: must be a JSON object, for example {"domains":["retail"]}');
}

/** @throws HubError forbidden in production or when tokens are verified by a public key */
export function developmentToken(
  settings: Settings,
  options: {
    readonly sub: string;
    readonly roles: readonly string[];
    readonly tenant: string;
    readonly ttlSeconds: number;
    readonly claims?: JsonObject;
  },
): string {
  if (settings.env === 'production')
    throw new HubError(
      'forbidden',
      'token: this command makes development tokens only; in production your identity provider issues them',
    );
  const { jwtSecret } = resolveSecrets(settings);
  if (jwtSecret === undefined)
    throw new HubError(
      'forbidden',
      'token: the hub verifies tokens with a public key, so only its issuer can create them',
    );
  return mintToken({ ...options, secret: jwtSecret, issuer: settings.jwtIssuer, audience: settings.jwtAudience });
}

export function addToken(program: Command, context: CommandContext, done: (code: number) => void): void {
  program
    .command('token')
    .description('print a development token')
    .requiredOption('--sub <subject>', 'who it is for')
    .requiredOption('--roles <list>', 'roles of the policy, separated by commas')
    .requiredOption('--tenant <tenant>', 'tenant')
    .option('--ttl <time>', 'how long it is valid: 30s, 15m, 1h, 7d', '1h')
    .option('--claims <json>', 'further claims that grants may refer to')
    .addHelpText('after', examples('pursight token --sub ada --roles steward --tenant demo --ttl 8h'))
    .action((flags: TokenFlags) => {
      const roles = flags.roles
        .split(',')
        .map((role) => role.trim())
        .filter((role) => role !== '');
      const { sub, tenant } = flags;
      context.print(
        developmentToken(settingsOf(context), {
          sub,
          tenant,
          roles,
          ttlSeconds: seconds(flags.ttl),
          claims: claimsOf(flags.claims),
        }),
      );
      done(exitCode.ok);
    });
}

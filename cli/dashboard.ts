import type { Command } from 'commander';
import { HubError } from '../channels/protocol/hub-error.ts';
import { resolveSecrets } from '../server/config/secrets.ts';
import type { Settings } from '../server/config/settings.ts';
import { mintSignInCode } from '../server/dashboard/sign-in.ts';
import { type CommandContext, hubFileOf, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { type HubFlags, hubUrl, usualTenant } from './hub-api.ts';
import { examples } from './hub-options.ts';

export interface LinkOptions {
  readonly url: string;
  readonly tenant: string;
  /** The role that the page begins with. @default its own choice */
  readonly role?: string;
}

/**
 * Where the dashboard is, with a code that signs in once where the hub can make tokens. The code is in the fragment, which
 * browsers do not send.
 */
export function dashboardLink(settings: Settings, { url, tenant, role }: LinkOptions): string {
  const address = `${settings.publicUrl?.replace(/\/+$/, '') ?? url}/`;
  const { jwtSecret } = resolveSecrets(settings);
  if (settings.env === 'production' || jwtSecret === undefined) return address;
  const code = mintSignInCode({ jwtSecret, issuer: settings.jwtIssuer, tenant });
  return `${address}#code=${code}${role === undefined ? '' : `&role=${encodeURIComponent(role)}`}`;
}

export function addDashboard(program: Command, context: CommandContext, done: (code: number) => void): void {
  program
    .command('dashboard')
    .description('print a link to the dashboard that signs in once (development only)')
    .option('--url <url>', 'address of the hub (PURSIGHT_URL)')
    .option('--tenant <tenant>', 'tenant (default: of the first connector)')
    .addHelpText('after', examples('pursight dashboard'))
    .action((flags: HubFlags) => {
      const settings = settingsOf(context);
      if (settings.env === 'production')
        throw new HubError('forbidden', 'dashboard: in production people sign in at the address of the hub');
      const tenant = flags.tenant ?? usualTenant(hubFileOf(settings, context));
      context.print(dashboardLink(settings, { url: hubUrl(settings, flags), tenant }));
      done(exitCode.ok);
    });
}

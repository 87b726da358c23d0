import type { Clock } from '../../channels/ports/clock.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import type { Route } from '../http/route.ts';
import type { Logger } from '../observability/logger.ts';
import { basePathOf } from '../http/base-path.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { dashboardSessionRoutes } from './session-routes.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { readUi, uiFolder } from './ui-files.ts';

export interface DashboardOptions {
  readonly settings: Pick<Settings, 'env' | 'dashboard' | 'publicUrl' | 'jwtIssuer' | 'jwtAudience'>;
  readonly secrets: Pick<Secrets, 'jwtSecret'>;
  /** Names of the roles of the policy. */
  readonly roles: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the built dashboard is. @default beside the server */
  readonly folder?: string;
}

/** Only a development hub knows a key with which it may make tokens for people. */
function signInOf({ settings, secrets, roles, clock }: DashboardOptions): SignIn | undefined {
  if (settings.env === 'production' || secrets.jwtSecret === undefined) return undefined;
  const { jwtIssuer: issuer, jwtAudience: audience } = settings;
  return createSignIn({ jwtSecret: secrets.jwtSecret, issuer, audience, roles, clock });
}

/** The dashboard: its page, its files, and how it is signed in. None with PURSIGHT_DASHBOARD=off. */
export function createDashboard(options: DashboardOptions): readonly Route[] {
  const { settings, logger, folder = uiFolder } = options;
  if (settings.dashboard === 'off') return [];
  const basePath = basePathOf(settings.publicUrl);
  const ui = readUi(folder, basePath);
  if (ui === undefined) logger.warn({ folder }, 'the dashboard is not built; run "npm run build"');
  return [
    ...(ui === undefined ? [] : dashboardRoutes(ui)),
    ...dashboardSessionRoutes({ signIn: signInOf(options), basePath }),
  ];
}

import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../observability/logger.ts';
import { loadUws } from './uws/load-uws.ts';

/** uWebSockets.js if it is wanted and loads; undefined: the ws engine. @throws config-invalid when only it is wanted */
export async function chooseEngine(settings: Settings, logger: Logger): Promise<Awaited<ReturnType<typeof loadUws>>> {
  if (settings.wsEngine === 'ws') return undefined;
  const uws = await loadUws(settings.uwsModule);
  if (uws === undefined && settings.wsEngine === 'uws') {
    throw new HubError(
      'config-invalid',
      'PURSIGHT_WS_ENGINE: no binary of uWebSockets.js loads here; set PURSIGHT_UWS_MODULE to a build for this platform, or use ws',
    );
  }
  if (uws === undefined) logger.warn({}, 'uWebSockets.js does not load on this machine; using the slower ws engine');
  return uws;
}

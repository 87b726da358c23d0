import type { Check } from '../channels/ports/check.ts';
import type { HubFile } from '../server/config/hub-file.ts';
import type { Settings } from '../server/config/settings.ts';

/**
 * Looks at the servers (or the data folder) of a deployment, one after the other. Changes nothing and never throws.
 * Without a file (it is wrong) connectors are left out.
 */
export type Diagnose = (settings: Settings, file: HubFile | undefined) => AsyncIterable<Check>;

/** The built hub in embedded mode, in a process of its own, on a folder that stays when it ends. */
import { benchTenant } from '../load/bench-events.ts';
import { benchNamespace } from '../load/cloud-events.ts';
import { type HubProcess, type HubProcessOptions, startHubProcess } from './hub-process.ts';

export interface EmbeddedHub extends Pick<HubProcess, 'pid' | 'stop'> {
  readonly url: string;
  /** From the start of the process until it said that it is ready. */
  readonly readyMs: number;
}

export type EmbeddedHubOptions = Pick<HubProcessOptions, 'folder' | 'main' | 'flags'>;

export const benchConnector = 'bench';
const connector = { id: benchConnector, format: 'cloudevents', tenant: benchTenant, namespace: benchNamespace };
const policy = {
  version: 1,
  roles: { steward: [{ allow: 'read', kinds: ['asset'] }, { allow: 'ingest' }] },
};

export async function startEmbeddedHub(options: EmbeddedHubOptions): Promise<EmbeddedHub> {
  const startedMs = performance.now();
  const { port, pid, stop } = await startHubProcess({
    ...options,
    file: { connectors: [connector], policy },
    startSeconds: 120,
  });
  return { url: `http://127.0.0.1:${port}`, pid, readyMs: performance.now() - startedMs, stop };
}

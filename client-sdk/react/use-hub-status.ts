import { useCallback, useSyncExternalStore } from 'react';
import type { Hub, HubStatus } from '../hub/hub.ts';

/** The status of the connection. The component renders again when it changes. */
export function useHubStatus(hub: Hub): HubStatus {
  const subscribe = useCallback((changed: () => void) => hub.on('status', changed), [hub]);
  const status = (): HubStatus => hub.status;
  return useSyncExternalStore(subscribe, status, status);
}

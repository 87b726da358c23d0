import { useMemo, useSyncExternalStore } from 'react';
import type { Hub } from '../hub/hub.ts';
import type { View, ViewOptions, ViewSnapshot } from '../view/view.ts';

const loading: ViewSnapshot = { items: [], status: 'loading', error: null };
const ended: ViewSnapshot = { items: [], status: 'ended', error: null };

/**
 * The content and status of a view, for as long as the component is mounted. The component renders again when either
 * changes. A filter that says the same may be another object each time.
 *
 * @example
 * const { items, status } = useView(hub, 'assets', { filter: { type: 'table' } });
 */
export function useView(hub: Hub, channel: string, options: ViewOptions = {}): ViewSnapshot {
  const text = JSON.stringify(options);
  const store = useMemo(() => mountedView(hub, channel, JSON.parse(text) as ViewOptions), [hub, channel, text]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
}

/** Opened when React listens and closed when it stops, since what a mere rendering opens nobody may ever close. */
function mountedView(hub: Hub, channel: string, options: ViewOptions): Pick<View, 'subscribe' | 'getSnapshot'> {
  let view: View | undefined;
  return {
    getSnapshot: () => view?.getSnapshot() ?? (hub.status === 'closed' ? ended : loading),
    subscribe: (changed) => {
      if (hub.status === 'closed') return () => undefined;
      const opened = (view = hub.view(channel, options));
      const stop = opened.subscribe(changed);
      return () => {
        stop();
        opened.close();
      };
    },
  };
}

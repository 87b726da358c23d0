import { useMemo, useSyncExternalStore } from 'react';
import type { Field } from '../../channels/protocol/fields.ts';
import type { Hub } from '../hub/hub.ts';
import type { ViewItem, ViewShape } from '../subscription/shaped.ts';
import type { View, ViewOptions, ViewSnapshot } from '../view/view.ts';

const loading: ViewSnapshot<never> = { items: [], status: 'loading', error: null };
const ended: ViewSnapshot<never> = { items: [], status: 'ended', error: null };

/**
 * The content and status of a view, for as long as the component is mounted. The component renders again when either
 * changes. Equal options may be another object each time.
 *
 * @example
 * const { items, status } = useView(hub, 'assets', { filter: { type: 'table' } });
 */
export function useView<S extends ViewShape | undefined = undefined, F extends Field = never>(
  hub: Hub,
  channel: string,
  options: ViewOptions<S, F> = {},
): ViewSnapshot<ViewItem<S, F>> {
  const text = JSON.stringify(options);
  const store = useMemo(() => mountedView(hub, channel, JSON.parse(text) as ViewOptions<S, F>), [hub, channel, text]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
}

/** Opened when React subscribes and closed when it unsubscribes: a view opened while rendering might never be closed. */
function mountedView<S extends ViewShape | undefined, F extends Field>(
  hub: Hub,
  channel: string,
  options: ViewOptions<S, F>,
): Pick<View<ViewItem<S, F>>, 'subscribe' | 'getSnapshot'> {
  let view: View<ViewItem<S, F>> | undefined;
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

import type { ViewItem, ViewSnapshot } from '@pursight/client';
import { useEffect, useRef, useState } from 'react';
import { isRecord, type JsonRecord } from '../ui/json.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { LiveTable, type TableRow } from './live-table.ts';

export type HeadItem = ViewItem<'entity'>;
export type HeadCompare = (one: HeadItem, other: HeadItem) => number;

export interface LiveHeads {
  readonly rows: readonly TableRow<HeadItem>[];
  /** How many came while the order was held. */
  readonly waiting: number;
  readonly status: ViewSnapshot['status'];
  /** Why there is no table. */
  readonly error: ViewSnapshot['error'];
}

export interface LiveTableHandle extends LiveHeads {
  readonly hold: (isHeld: boolean) => void;
  /** Lets what waits take its place. */
  readonly settle: () => void;
}

const nothing: LiveHeads = { rows: [], waiting: 0, status: 'loading', error: null };

function parsed(filter: string): JsonRecord {
  const value: unknown = JSON.parse(filter);
  return isRecord(value) ? value : {};
}

interface Held {
  readonly table: LiveTable<HeadItem>;
  readonly publish: () => void;
}

/**
 * The entities of a channel as a sorted table. What comes within a frame is one change of the screen, and a page that nobody
 * looks at changes when it is looked at again.
 *
 * @param filter in the filter language, as JSON text; undefined for everything
 */
export function useLiveTable(channel: string, filter: string | undefined, compare: HeadCompare): LiveTableHandle {
  const { hub } = useSignedIn();
  const [heads, setHeads] = useState(nothing);
  const held = useRef<Held>(undefined);
  useEffect(() => {
    if (hub.status === 'closed') return undefined;
    const table = new LiveTable<HeadItem>({ keyOf: ({ entity }) => entity.urn, compare });
    const options = filter === undefined ? {} : { filter: parsed(filter) };
    const view = hub.view(channel, { ...options, shape: 'entity' });
    let frame = 0;
    const show = (): void => {
      frame = 0;
      const { rows, waiting } = table;
      const { status, error } = view.getSnapshot();
      setHeads({ rows, waiting, status, error });
    };
    const publish = (): void => {
      if (frame === 0) frame = requestAnimationFrame(show);
    };
    held.current = { table, publish };
    setHeads(nothing);
    view.on('change', ({ reset, items, ...change }) => {
      if (reset) table.reset(items);
      else table.apply(change, (urn) => view.get(urn));
      // what may no longer be seen goes at once, not with the next frame
      if (items.length === 0) show();
      publish();
    });
    const stop = view.subscribe(publish);
    return () => {
      held.current = undefined;
      cancelAnimationFrame(frame);
      stop();
      view.close();
    };
  }, [hub, channel, filter, compare]);
  const [handle] = useState(() => ({
    hold: (isHeld: boolean): void => {
      held.current?.table.hold(isHeld);
      held.current?.publish();
    },
    settle: (): void => {
      held.current?.table.settle();
      held.current?.publish();
    },
  }));
  return { ...heads, ...handle };
}

import type { Subscription, WireEvent } from '@pursight/client';
import { useEffect, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import type { FeedLine } from './feed-event.ts';

export interface Feed {
  /** Newest first. */
  readonly lines: readonly FeedLine[];
  /** Everything since the asked time has arrived, and what follows arrives by itself. */
  readonly isLive: boolean;
  readonly problem: string | undefined;
}

const nothing: Feed = { lines: [], isLive: false, problem: undefined };
/** Older ones leave the page. */
const maxLines = 2000;

function lineOf(event: WireEvent, names: Map<string, string>): FeedLine {
  const { id: key, subject: urn, recordedtime: at, actor = '', correlationid: correlation = '' } = event;
  const common = { key, urn, at, actor, correlation };
  if (event.kind === 'leave') {
    const name = names.get(urn) ?? urn;
    names.delete(urn);
    return { ...common, kind: 'leave', name, type: event.reason, changes: [] };
  }
  names.set(urn, event.entity.name);
  const changes = event.kind === 'update' ? Object.entries(event.changes) : [];
  return { ...common, kind: event.kind, name: event.entity.name, type: event.entity.type, changes };
}

/** Events of a channel since a time, and live from then on. What comes within a frame is rendered once. */
export function useFeed(channel: string, since: string): Feed {
  const { hub } = useSignedIn();
  const [feed, setFeed] = useState<Feed>(nothing);
  useEffect(() => {
    if (hub.status === 'closed') return undefined;
    setFeed(nothing);
    const names = new Map<string, string>();
    let pending: FeedLine[] = [];
    let frame = 0;
    const flush = (): void => {
      frame = 0;
      const fresh = pending.toReversed();
      pending = [];
      setFeed((before) => ({ ...before, lines: [...fresh, ...before.lines].slice(0, maxLines) }));
    };
    const add = (line: FeedLine): void => {
      pending.push(line);
      if (frame === 0) frame = requestAnimationFrame(flush);
    };
    let gaps = 0;
    const subscription: Subscription = hub.channel(channel, { since });
    subscription.on('event', (event) => add(lineOf(event, names)));
    subscription.on('gap', ({ reason }) =>
      add({ key: `gap ${(gaps += 1)}`, kind: 'gap', reason, at: new Date().toISOString() }),
    );
    subscription.on('live', () => {
      // everything that came before is there when it says so
      cancelAnimationFrame(frame);
      flush();
      setFeed((before) => ({ ...before, isLive: true }));
    });
    subscription.on('policy', () => {
      pending = [];
      names.clear();
      setFeed(nothing);
    });
    subscription.on('ended', (error) =>
      setFeed((before) => ({ ...before, isLive: false, problem: error?.message ?? undefined })),
    );
    return () => {
      cancelAnimationFrame(frame);
      subscription.close();
    };
  }, [hub, channel, since]);
  return feed;
}

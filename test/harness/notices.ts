import type { Hub } from '@pursight/client';
import type { NoticeMessage } from '../../channels/protocol/down.ts';

/** The code, and what it is about. */
export function noticeText({ code, dependency }: NoticeMessage): string {
  return dependency === undefined ? code : `${code} ${dependency}`;
}

/** Notices of a client from now on, as they come. */
export function noticesOf(hub: Hub): string[] {
  const told: string[] = [];
  hub.on('notice', (notice) => told.push(noticeText(notice)));
  return told;
}

import type { Me } from '../session/use-me.ts';

const everybody = (): boolean => true;

/** The screens of the rail, in its order, with the letter that follows `g`, and whom they are offered to. */
export const screens = [
  { to: '/assets', name: 'Catalog', key: 'c', isFor: everybody },
  { to: '/concepts', name: 'Concepts', key: 't', isFor: everybody },
  { to: '/inbox', name: 'Inbox', key: 'i', isFor: ({ write }: Me): boolean => write.has('classifications') },
  { to: '/live', name: 'Live', key: 'l', isFor: everybody },
  {
    to: '/ops',
    name: 'Operations',
    key: 'o',
    isFor: ({ administers, operates }: Me): boolean => administers || operates,
  },
  { to: '/api', name: 'API', key: 'a', isFor: everybody },
  { to: '/settings', name: 'Settings', key: 's', isFor: everybody },
] as const;

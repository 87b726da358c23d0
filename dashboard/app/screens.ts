/** The screens of the rail, in its order, with the letter that follows `g`. */
export const screens = [
  { to: '/assets', name: 'Catalog', key: 'c' },
  { to: '/inbox', name: 'Inbox', key: 'i' },
  { to: '/live', name: 'Live', key: 'l' },
  { to: '/ops', name: 'Operations', key: 'o' },
  { to: '/settings', name: 'Settings', key: 's' },
] as const;

export { useHubStatus } from './use-hub-status.ts';
export { useSearch } from './use-search.ts';
export { useView } from './use-view.ts';

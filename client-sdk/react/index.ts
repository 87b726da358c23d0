export { useHubStatus } from './use-hub-status.ts';
export { useView } from './use-view.ts';

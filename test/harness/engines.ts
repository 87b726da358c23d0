import { loadUws } from '../../server/transport/uws/load-uws.ts';

/** The WebSocket engines that run on this machine; a run that names one in its environment gets only that. */
export async function enginesHere(): Promise<readonly ('uws' | 'ws')[]> {
  const named = process.env['PURSIGHT_WS_ENGINE'];
  if (named === 'ws' || named === 'uws') return [named];
  return (await loadUws(undefined)) === undefined ? ['ws'] : ['uws', 'ws'];
}

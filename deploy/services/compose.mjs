import { fileURLToPath } from 'node:url';
import { canRun, run } from './process.mjs';

const file = fileURLToPath(new URL('./compose.yaml', import.meta.url));
const base = ['compose', '-p', 'pursight-test', '-f', file];

/** True when a Docker engine answers and has the compose plug-in. */
export async function hasDocker() {
  return (await canRun('docker', ['info'])) && (await canRun('docker', ['compose', 'version']));
}

/** Starts one service of compose.yaml; its ports are the fixed ones. */
export async function composeUp(name) {
  await run('docker', [...base, 'up', '-d', name], { timeoutMs: 600_000 });
}

/** Removes one service and its data. */
export async function composeDown(name) {
  await run('docker', [...base, 'rm', '-s', '-f', '-v', name]);
}

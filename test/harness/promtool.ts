import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Why metrics cannot be checked by Prometheus's own tool here; undefined when they can. With `CI=true` they must. */
export const promtoolMissing: string | undefined = (await run(['--version']).then(
  ({ code }) => code === 0,
  () => false,
))
  ? undefined
  : 'promtool is not installed (npm run services -- up --install)';

/** What `promtool check metrics` says of a page of metrics: its exit code, and a line for each thing that it dislikes. */
export function checkMetrics(page: string): Promise<{ readonly code: number; readonly complaints: string }> {
  return run(['check', 'metrics'], page);
}

async function run(
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number; readonly complaints: string }> {
  const child = spawn('promtool', args, { stdio: 'pipe' });
  let complaints = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, complaints };
}

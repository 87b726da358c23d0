import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canRun, freePort } from '../../deploy/services/process.mjs';
import { type NodePorts, type Proxy, proxyFolder, startProxy } from './proxy.ts';

const shipped = fileURLToPath(new URL('../../deploy/nginx/nginx.conf', import.meta.url));

/** Why nginx cannot run here; undefined when it can. With `CI=true` it must. */
export const nginxMissing: string | undefined = (await canRun('nginx', ['-v']))
  ? undefined
  : 'nginx is not installed (npm run services -- up --install)';

/** `location` of a hub under a path of a site, as docs/quick-start-cluster.md says it. */
function under(path: string, text: string): string {
  return text
    .replace('location / {', `location ${path}/ {`)
    .replace('proxy_pass http://hub;', 'proxy_pass http://hub/;')
    .replace('location = /metrics', `location = ${path}/metrics`);
}

/** Real nginx with the configuration that the project ships: only addresses and folders are others. */
export async function startNginx(nodes: NodePorts, path = ''): Promise<Proxy> {
  const folder = proxyFolder();
  const port = await freePort();
  const text = readFileSync(shipped, 'utf8')
    .replaceAll('/tmp/', `${folder}/`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replaceAll(/(hub-[12]):8080/g, (_, node: 'hub-1' | 'hub-2') => `127.0.0.1:${nodes[node]}`);
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, path === '' ? text : under(path, text));
  return startProxy('nginx', ['-c', config, '-g', 'daemon off;'], { port, folder });
}

// Builds the dashboard into dist/dashboard, with each file compressed. Does nothing when its inputs are as they were at the
// last build, so that it can be part of every start.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist/dashboard');
const stamp = join(out, '.inputs');
const sources = /\.(tsx?|css|html|mjs|json)$/;
/** What the page is made of; the lock file says with which libraries. */
const inputs = [...filesOf('dashboard'), ...filesOf('client-sdk'), ...filesOf('channels'), 'package-lock.json'];

const wanted = inputs
  .reduce((hash, path) => hash.update(path).update(readFileSync(join(root, path))), createHash('sha256'))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  // whoever starts the build, what is served is for users: half the size, and without warnings for developers
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  await build({ configFile: join(root, 'dashboard/vite.config.ts'), logLevel: 'warn' });
  compress(join(out, '_ui'));
  writeFileSync(stamp, wanted);
}

/** Relative to the root, tests and built files left out. */
function filesOf(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesOf(path);
      return sources.test(path) && !path.includes('.test.') ? [path] : [];
    });
}

function compress(folder) {
  for (const name of readdirSync(folder)) {
    if (!['.js', '.css', '.svg'].includes(extname(name))) continue;
    const path = join(folder, name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

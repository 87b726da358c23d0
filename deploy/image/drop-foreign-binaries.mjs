// Removes native binaries below node_modules that cannot load in this image: other platforms, processors, C libraries and
// Node ABIs. `node drop-foreign-binaries.mjs [folder]`; run by the Dockerfile with the Node version of the image.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const { platform, arch } = process;
const abi = process.versions.modules;

/** uws_linux_x64_127.node carries platform, processor and ABI; node.abi127.glibc.node ABI and C library. */
function isForeign(name) {
  const uws = /^uws_([a-z0-9]+)_([a-z0-9]+)_(\d+)\.node$/.exec(name);
  if (uws !== null) return uws[1] !== platform || uws[2] !== arch || uws[3] !== abi;
  const prebuilt = /^node\.(abi\d+|napi)\.(glibc|musl)\.node$/.exec(name);
  if (prebuilt === null) return false;
  return prebuilt[2] === 'musl' || (prebuilt[1] !== 'napi' && prebuilt[1] !== `abi${abi}`);
}

const folder = resolve(process.argv[2] ?? '.', 'node_modules');
const binaries = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.node'));
const foreign = binaries.filter((path) => isForeign(path.slice(path.lastIndexOf('/') + 1)));
const freedBytes = foreign.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
for (const path of foreign) rmSync(join(folder, path));
console.log(`removed ${foreign.length} of ${binaries.length} native binaries, ${Math.round(freedBytes / 1e6)} MB`);

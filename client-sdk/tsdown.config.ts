import { defineConfig } from 'tsdown';

export default defineConfig([
  {
    // the package: ES module and declarations; socket.io-client stays a dependency
    entry: { index: 'index.ts', react: 'react/index.ts' },
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    tsconfig: 'tsconfig.json',
    dts: { build: true },
    // the names are fixed, and a build must not remove the files from a process that is about to load them
    clean: false,
    fixedExtension: false,
    deps: { onlyBundle: [] },
    publint: true,
    attw: { profile: 'esm-only', level: 'error' },
  },
  {
    // one file with everything in it, for pages without a bundler
    entry: { bundle: 'index.ts' },
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    tsconfig: 'tsconfig.json',
    dts: false,
    clean: false,
    minify: true,
    sourcemap: true,
    deps: { alwaysBundle: [/./u] },
  },
]);

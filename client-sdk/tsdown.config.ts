import { defineConfig } from 'tsdown';

export default defineConfig([
  {
    // the package: ES module and declarations; socket.io-client stays a dependency
    entry: ['index.ts'],
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    tsconfig: 'tsconfig.json',
    dts: { build: true },
    clean: true,
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

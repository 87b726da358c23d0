import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // the page is served under any path; the hub writes its base
  base: './',
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@pursight\/client\/react$/, replacement: here('../client-sdk/react/index.ts') },
      { find: /^@pursight\/client$/, replacement: here('../client-sdk/index.ts') },
    ],
  },
  build: {
    outDir: here('../dist/dashboard'),
    emptyOutDir: true,
    assetsDir: '_ui',
    target: 'es2022',
    // inlined data would be refused by the content security policy of the page
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

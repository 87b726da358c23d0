import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** Feeds, views, live searches, HTTP requests, resuming and moving to another node; 42 KB before gzip. */
const maxOwnBytes = 14.2 * 1024;

/** Size of the library as a bundler ships it to a browser: one module, minified, gzipped. */
async function shippedBytes(external: readonly string[]): Promise<number> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      lib: { entry: fileURLToPath(new URL('index.ts', import.meta.url)), formats: ['es'] },
      // Vite keeps white space in ES libraries; this says it to the bundler below it
      rolldownOptions: { external: [...external], output: { minify: true } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const code = outputs.flatMap((output) => ('output' in output ? output.output : []));
  return gzipSync(code.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')).length;
}

test(`own code stays within ${maxOwnBytes} bytes gzipped beside socket.io-client`, async () => {
  const ownBytes = await shippedBytes(['socket.io-client']);
  const allBytes = await shippedBytes([]);
  console.log(`@pursight/client: ${ownBytes} bytes gzipped of its own, ${allBytes} with socket.io-client`);
  expect(ownBytes).toBeGreaterThan(1024);
  expect(ownBytes).toBeLessThanOrEqual(maxOwnBytes);
  expect(allBytes).toBeGreaterThan(ownBytes);
}, 30_000);

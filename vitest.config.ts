import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests that talk to a server or start processes. All others are `unit`.
const services = [
  '**/*.kafka.test.ts',
  '**/*.mongo.test.ts',
  '**/*.redis.test.ts',
  '**/*.meili.test.ts',
  'test/dashboard/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/foreign/**/*.test.ts',
  'test/formats/**/*.test.ts',
];
/** Attacks: each has the machine for itself, because it looks at how long others wait. */
const hostile = ['test/hostile/**/*.hostile.test.ts'];
const elsewhere = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  // the file that Node.js loads: a second copy of the package, as ES module, would be a stranger to the first
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // The native modules (uWebSockets.js, lmdb) cannot be loaded in vm contexts or a second time in worker threads.
    pool: 'forks',
    teardownTimeout: 30_000,
    setupFiles: ['./test/setup/check-messages.ts'],
    projects: [
      {
        extends: true,
        // as the build of the dashboard does: the sources, so that nothing has to be built before
        resolve: {
          alias: [
            {
              find: /^@pursight\/client$/,
              replacement: fileURLToPath(new URL('client-sdk/index.ts', import.meta.url)),
            },
          ],
        },
        test: {
          name: 'unit',
          include: ['{channels,server,cli,client-sdk,dashboard,adapters,test,bench,deploy}/**/*.test.ts'],
          exclude: [...elsewhere, ...services, ...hostile],
          isolate: false,
          // a property of hundreds of runs is work, not waiting: on a busy machine it takes its time
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'services',
          include: services,
          exclude: elsewhere,
          globalSetup: ['./test/setup/services-global-setup.ts'],
          isolate: true,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'hostile',
          include: hostile,
          exclude: elsewhere,
          globalSetup: ['./test/setup/services-global-setup.ts'],
          isolate: true,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

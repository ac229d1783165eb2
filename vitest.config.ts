import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/support/tally-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.server.test.{ts,tsx}'],
          setupFiles: ['test/support/leak-guard.ts'],
        },
      },
      {
        extends: true,
        // These share one real Temporal server, so only they pay for starting it.
        test: {
          name: 'server',
          include: ['test/**/*.server.test.{ts,tsx}'],
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/leak-guard.ts'],
        },
      },
    ],
  },
});

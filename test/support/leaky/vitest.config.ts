/** Files whose tests leak on purpose, under the guard that every file is under: `test/support/leak-guard.test.ts` runs them. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    pool: 'forks',
    include: ['*.ts'],
    exclude: ['vitest.config.ts'],
    setupFiles: [fileURLToPath(new URL('../leak-guard.ts', import.meta.url))],
  },
});

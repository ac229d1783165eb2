import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** The whole run in one line, for machines: `12 passed, 0 failed`. What failed outside a test counts as failed. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let failed = unhandledErrors.length;
    let passed = 0;
    let skipped = 0;
    for (const module of modules) {
      const states = Array.from(module.children.allTests(), (test) => test.result().state);
      passed += states.filter((state) => state === 'passed').length;
      skipped += states.filter((state) => state === 'skipped').length;
      const failures = states.filter((state) => state === 'failed' || state === 'pending').length;
      // A file that cannot be loaded, or whose hooks fail, may have no failed test to show for it.
      failed += module.ok() || failures > 0 ? failures : 1;
    }
    if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  }
}

/** What `holdfast/testing` exports: for tests of a service's jobs. */
export { runInline, type InlineOptions, type InlineRun } from './testing/run-inline.ts';
export { startTestSystem, type TestSystem, type TestSystemOptions } from './testing/test-system.ts';

// Started by bin/hard_worker in development: builds the workflow code at the path that is its only argument.
import { buildBundle } from '../src/worker/workflow-bundle.ts';

await buildBundle(process.argv[2] ?? '');

// Writes the documents that are made from the code: `npm run docs`. A test holds the two together.
import { writeFile } from 'node:fs/promises';
import { jobLifecycle } from '../src/dev/job-lifecycle.ts';
import { limits } from '../src/dev/limits.ts';

await writeFile(new URL('../docs/job-lifecycle.md', import.meta.url), jobLifecycle());
await writeFile(new URL('../docs/limits.md', import.meta.url), limits());

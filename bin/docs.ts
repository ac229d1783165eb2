// Writes docs/job-lifecycle.md from the drawing of a job's states: `npm run docs`. A test holds the two together.
import { writeFile } from 'node:fs/promises';
import { jobLifecycle } from '../src/dev/job-lifecycle.ts';

await writeFile(new URL('../docs/job-lifecycle.md', import.meta.url), jobLifecycle());

/** The demo: a service like any other, which `bin/dev` runs. */
import { resolve } from 'node:path';
import { defineConfig } from '../kinds/define-config.ts';
import { greet } from './jobs/greet.ts';
import { writeReport } from './jobs/write-report.ts';
import { demoWorld } from './world.ts';

export default defineConfig({
  jobs: [greet, writeReport],
  setup: () => demoWorld(resolve(process.env['HOLDFAST_HOME'] ?? '.holdfast')),
});

// The repository's own service, which the programs here run.
import { fileURLToPath } from 'node:url';

/** Path of its configuration: TypeScript in development, else what was built of it. */
export const DEMO_CONFIG = fileURLToPath(
  new URL(`../src/demo/holdfast.config${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

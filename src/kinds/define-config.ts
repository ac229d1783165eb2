/** A service: its kinds of jobs, and what their work needs. The default export of `holdfast.config.ts`. */
import type { JobDefinition } from './job-definition.ts';

export interface HoldfastConfig<World = unknown> {
  readonly jobs: readonly JobDefinition<string, any, any, World>[];
  /**
   * Makes what work needs, once in each process that runs jobs: a database pool, say. Its result is the third thing that `run` gets.
   * A process that is not ready within 20 s is replaced.
   */
  readonly setup?: () => World | Promise<World>;
  /** Closes it: after the grace, when nothing runs there any more. It has five seconds. */
  readonly teardown?: (world: World) => void | Promise<void>;
}

export function defineConfig<World = unknown>(config: HoldfastConfig<World>): HoldfastConfig<World> {
  return config;
}

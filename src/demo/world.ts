/** What the demo's jobs need. */
import { join } from 'node:path';

export interface DemoWorld {
  /** Folder that reports are written to; absolute. */
  readonly reportsFolder: string;
}

/** @param home folder of this installation */
export function demoWorld(home: string): DemoWorld {
  return { reportsFolder: join(home, 'reports') };
}

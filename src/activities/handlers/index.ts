/** The work of every kind, made from what it needs. */
import type { Handlers } from '../handler.ts';
import { logName } from './log-name.ts';
import { writeReport } from './write-report.ts';

export interface HandlerDependencies {
  /** Folder that reports are written to; absolute. */
  readonly reportsFolder: string;
}

export function createHandlers({ reportsFolder }: HandlerDependencies): Handlers {
  return { NameWorkflow: logName, ReportWorkflow: writeReport(reportsFolder) };
}

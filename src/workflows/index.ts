/** Every workflow that workers know. Each name stands in histories: add, never rename. */
export { GroupWorkflow } from './group.ts';
export { NameWorkflow } from './name.ts';
export { ReportWorkflow } from './report.ts';

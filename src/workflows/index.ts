/** Every workflow that workers know. Each name stands in histories: add, never rename. */
export { default } from './any-kind.ts';
export { GroupWorkflow } from './group.ts';
export { NameWorkflow } from './name.ts';

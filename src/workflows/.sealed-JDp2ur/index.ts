import { hidden } from './hidden.ts';
export const W = async () => hidden();

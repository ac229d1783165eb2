import { readFileSync } from 'node:fs';
export const hidden = () => readFileSync('/etc/hostname');

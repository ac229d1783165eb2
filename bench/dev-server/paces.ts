/** Workflows of `run.ts`: as little as makes the server's own pace visible. */
import { proxyActivities, sleep } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '10s' });

export async function hops(count: number): Promise<void> {
  for (let hop = 0; hop < count; hop++) await nothing();
}

export async function naps(count: number, ms: number): Promise<void> {
  for (let nap = 0; nap < count; nap++) await sleep(ms);
}

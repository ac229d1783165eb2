/** Workflows of `dev-server-settings.server.test.ts`: as little as makes the server's own pace visible. */
import { proxyActivities, sleep } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '10s' });

export async function hop(): Promise<void> {
  await nothing();
}

export async function nap(ms: number): Promise<void> {
  await sleep(ms);
}

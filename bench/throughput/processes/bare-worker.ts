// A worker of the bare SDK with the SDK's defaults. Started by the bench: node bare-worker.ts ADDRESS
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { BARE_TASK_QUEUE, createBareActivities } from '../bare/activities.ts';

const [address = ''] = process.argv.slice(2);

Runtime.install({ logger: new DefaultLogger('WARN') });
const log = pino();
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue: BARE_TASK_QUEUE,
  workflowsPath: fileURLToPath(new URL('../bare/workflows.ts', import.meta.url)),
  activities: createBareActivities(log),
});
log.info({ event: 'worker.ready' }, 'worker ready');
await worker.run();
await connection.close();

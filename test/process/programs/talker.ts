/** Logs more than anything holds, in `production` or `development`, while a timer ticks. Says on standard error what it has come through. */
import { loadConfig } from '../../../src/config/config.ts';
import { createLogger, flushLog } from '../../../src/log.ts';

const log = createLogger(loadConfig(process.env), 'talker');
const LINES_A_TICK = 100;
const TICKS = 50;
let ticks = 0;
const timer = setInterval(() => {
  for (let n = 0; n < LINES_A_TICK; n++) log.info({ text: 'x'.repeat(1_000) }, 'line');
  if (++ticks === TICKS) process.stderr.write(`ticked, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB\n`);
  if (ticks === TICKS) clearInterval(timer);
}, 5);

process.once('SIGTERM', () => void end());

async function end(): Promise<void> {
  log.info('the last line');
  await flushLog(log);
  process.exit(7);
}

// Until the signal. Whoever tests may be gone.
setTimeout(() => process.exit(1), 60_000);

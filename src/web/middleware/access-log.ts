import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';

/** Too frequent, and too dull, to read about by default. */
const QUIET = /^\/(assets\/|healthz$|readyz$)/;

/** One line per request once its answer starts. Never the query: it may hold a name. */
export function accessLog(log: Logger): MiddlewareHandler {
  return async function logRequest(c, next) {
    const start = performance.now();
    await next();
    const path = new URL(c.req.url).pathname;
    const line = {
      event: 'http.request',
      method: c.req.method,
      path,
      status: c.res.status,
      ms: Math.round(performance.now() - start),
      requestId: c.get('requestId'),
    };
    log[QUIET.test(path) ? 'debug' : 'info'](line, `${line.method} ${path} ${line.status}`);
  };
}

import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';

/** Too frequent, and too dull, to read about by default. */
const QUIET = /^\/(assets\/|healthz$|readyz$)/;

/** One line per request once its answer starts. Never the query, which may hold a name, nor a user whose password was wrong: it may be one. */
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
      address: c.get('clientAddress'),
      user: c.get('user') ?? null,
      requestId: c.get('requestId'),
    };
    log[QUIET.test(path) ? 'debug' : 'info'](line, `${line.method} ${path} ${line.status}`);
  };
}

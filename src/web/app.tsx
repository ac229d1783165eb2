/** The web application, without a socket: pages for people, the API for programs. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Catalogue } from '../kinds/catalogue.ts';
import type { AnyJob } from '../kinds/job-definition.ts';
import type { Jobs } from '../temporal/jobs.ts';
import { invalidRequest } from './api/field-errors.ts';
import { problemResponse } from './api/problem-response.ts';
import { readAssets } from './assets.ts';
import type { Site } from './components/layout.tsx';
import { asProblem, Problem } from './errors.ts';
import type { JobStreams } from './live/job-streams.ts';
import { createLoginGuard } from './login-guard.ts';
import { accessLog } from './middleware/access-log.ts';
import { client } from './middleware/client.ts';
import { knownHost } from './middleware/known-host.ts';
import { login } from './middleware/login.ts';
import { noStore } from './middleware/no-store.ts';
import { oneHost } from './middleware/one-host.ts';
import { onlyPost } from './middleware/only-post.ts';
import { readableAddress } from './middleware/readable-address.ts';
import { requestBody } from './middleware/request-body.ts';
import { sameSite } from './middleware/same-site.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { ProblemPage } from './pages/problem.tsx';
import { apiBulkRoutes, bulkRoute } from './api/bulk.ts';
import { apiDocsRoutes } from './routes/api-docs.tsx';
import { apiGroupRoutes } from './api/groups.ts';
import { apiJobRoutes } from './api/jobs.ts';
import { assetRoutes } from './routes/assets.ts';
import { groupRoutes } from './routes/groups.tsx';
import { healthRoutes } from './routes/health.ts';
import { homeRoutes } from './routes/home.tsx';
import { jobEventRoutes } from './routes/job-events.tsx';
import { jobRoutes } from './routes/jobs.tsx';

export interface AppDependencies {
  readonly config: Config;
  readonly jobs: Jobs;
  /** Kinds that can be enqueued here. */
  readonly catalogue: Catalogue;
  /** What `/?name=` enqueues. @default the page has no form */
  readonly demo?: AnyJob;
  /** Live pages that are open; the server ends them when it stops. */
  readonly streams: JobStreams;
  readonly log: Logger;
  /** Milliseconds since 1970. @default the machine's clock */
  readonly now?: () => number;
}

export function createApp(deps: AppDependencies): OpenAPIHono {
  const { config, jobs, catalogue, demo, streams, log, now = Date.now } = deps;
  const site: Site = { assets: readAssets(), temporalUiUrl: config.temporal.uiUrl, programs: config.programs };
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (!result.success) throw invalidRequest(result.error);
    },
  });

  app.use(requestId());
  app.use(client(config.web.trustedProxies));
  app.use(accessLog(log));
  app.use(securityHeaders());
  app.use(noStore());
  app.use(oneHost());
  healthRoutes(app, jobs, log);
  app.use(knownHost(config.web));
  if (config.web.password !== undefined) app.use(login(config.web.password, createLoginGuard()));
  app.use(sameSite());
  app.use(readableAddress());
  app.use(bulkRoute.path, onlyPost());
  app.use(requestBody({ streamed: bulkRoute.path }));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, methods) {
        const allow = methods.join(', ');
        const detail = `${c.req.method} does not fit this address; ${allow} do.`;
        return answer(c, site, new Problem('method-not-allowed', detail, { headers: { Allow: allow } }));
      },
    }),
  );

  assetRoutes(app, site.assets);
  homeRoutes(app, { jobs, demo, site });
  jobEventRoutes(app, { config, streams, log });
  jobRoutes(app, { config, jobs, site, now });
  groupRoutes(app, { config, jobs, site, now });
  const rules = { catalogue, taskQueue: config.temporal.taskQueue };
  apiJobRoutes(app, { jobs, rules });
  apiBulkRoutes(app, { jobs, rules, log });
  apiGroupRoutes(app, jobs);
  apiDocsRoutes(app, { catalogue, site });

  app.notFound((c) => answer(c, site, new Problem('not-found', 'No page and no part of the API has this address.')));
  app.onError((error, c) => {
    const problem = asProblem(error);
    if (problem.isFault)
      log.error({ event: 'http.failed', err: error, requestId: c.get('requestId') }, 'a request failed');
    return answer(c, site, problem);
  });
  return app;
}

/** As problem details to programs, as a page to people. */
async function answer(c: Context, site: Site, problem: Problem): Promise<Response> {
  if (c.req.path.startsWith('/api/') && c.req.path !== '/api/docs') return problemResponse(c, problem);
  const repeatable = c.req.method === 'GET';
  const page = <ProblemPage site={site} problem={problem} requestId={c.get('requestId')} repeatable={repeatable} />;
  return c.html(page, problem.status, problem.headers);
}

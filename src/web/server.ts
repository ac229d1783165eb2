/** The web application on a socket. */
import { once } from 'node:events';
import type { Server, ServerOptions } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createApp, type AppDependencies } from './app.tsx';
import { withEarlyAnswers } from './early-answers.ts';
import { CannotListenError } from './errors.ts';
import { createJobStreams } from './live/job-streams.ts';

export interface WebServer {
  readonly url: string;
  /** Ends live pages, lets other requests finish until the deadline, then cuts them off. Safe to call twice. */
  stop(): Promise<void>;
}

/** Longest request but for a bulk one, which its caller repeats with its keys: a call to Temporal ends within 3 s. Below the platform's kill timer. @format milliseconds */
const STOP_DEADLINE_MS = 5_000;

/** How long a connection may stand still. Each is longer than the 60 s that proxies wait by default, so that it is the proxy that lets go. */
export interface WireTimeouts {
  /** From a connection's first moment, or its last answer, to the head of a request. Longer than `keepAliveMs`. @format milliseconds */
  readonly headersMs: number;
  /** After an answer. A proxy that sends a request at the moment of the end gets a reset, and its caller a 502. @format milliseconds */
  readonly keepAliveMs: number;
  /** Without a byte either way while a request or its answer is under way. Live pages say something every 15 s. @format milliseconds */
  readonly stalledMs: number;
}

export const WIRE_TIMEOUTS: WireTimeouts = { headersMs: 80_000, keepAliveMs: 75_000, stalledMs: 120_000 };

/** How soon the end of a time is noticed. @format milliseconds */
const CHECKED_EVERY_MS = 5_000;

/** @throws {CannotListenError} */
export async function startWebServer(
  deps: Omit<AppDependencies, 'streams'>,
  timeouts: WireTimeouts = WIRE_TIMEOUTS,
): Promise<WebServer> {
  const { host, port } = deps.config.web;
  const streams = createJobStreams(deps.jobs);
  const fetch = withEarlyAnswers(createApp({ ...deps, streams }).fetch);
  // Without TLS or HTTP/2 options it is always a plain HTTP server.
  const server = createAdaptorServer({ fetch, hostname: host, serverOptions: serverOptions(timeouts) }) as Server;
  server.timeout = timeouts.stalledMs;
  // Else Node asks for every body by itself, also for those of callers that will be refused.
  server.on('checkContinue', (incoming, outgoing) => server.emit('request', incoming, outgoing));
  await listen(server, host, port);

  let stopped: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stop: () => (stopped ??= stop(server, () => streams.stop())),
  };
}

function serverOptions({ headersMs, keepAliveMs }: WireTimeouts): ServerOptions {
  return {
    headersTimeout: headersMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(CHECKED_EVERY_MS, headersMs),
    // Node's is 5 min for a whole request, however well it moves: that would cut off bulk requests that trickle in.
    requestTimeout: 0,
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CannotListenError(`The web server cannot listen on port ${port} of ${host}: ${remedy(code)}`, {
      cause: error,
    });
  }
}

function remedy(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'something else does. Stop that, or set PORT to another port.';
    case 'EACCES':
      return 'this user may not. Set PORT to one above 1023.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address. Set HOST to one that it has; 127.0.0.1 always works.';
    default:
      return `${code}.`;
  }
}

async function stop(server: Server, endStreams: () => void): Promise<void> {
  endStreams();
  const closed = once(server, 'close');
  server.close();
  // A browser keeps its connection after the answer; `close` alone would wait for it to let go.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_DEADLINE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}

/** Every setting of Holdfast, read once from an environment that the caller passes in. Only `bin/` passes the real one. */
import type { BlockList } from 'node:net';
import { resolve } from 'node:path';
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from '../contract/queues.ts';
import { isLoopback, readHostNames } from './host-names.ts';
import { OF_THE_PACKAGE, type Programs } from './programs.ts';
import { readNetworks } from './networks.ts';
import { readProxy, type Proxy } from './proxy.ts';
import { withSecretFiles } from './secret-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  readonly programs: Programs;
  /** `production` logs JSON and runs from the prebuilt workflow bundle; anything else is development. From `NODE_ENV`. */
  readonly production: boolean;
  /** Least severe level that is logged. From `LOG_LEVEL`. @default info */
  readonly logLevel: LogLevel;
  /** Folder for the dev server's database, pid files, reports and fetched tools; absolute. From `HOLDFAST_HOME`. @default .holdfast */
  readonly home: string;
  readonly web: WebConfig;
  readonly temporal: TemporalConfig;
  /** Time that a stopping worker gives its running attempts before it cancels them. Keep it below the platform's kill timer. From `HOLDFAST_SHUTDOWN_GRACE_MS`. @format milliseconds @default 20000 */
  readonly shutdownGraceMs: number;
  /** For how long a handler may compute without a pause before its process is ended. From `HOLDFAST_MAX_BUSY_MS`. @format milliseconds @default 300000 */
  readonly maxBusyMs: number;
}

export interface WebConfig {
  /** Address to listen on; any but loopback needs a password. From `HOST`. @default 127.0.0.1 */
  readonly host: string;
  /** From `PORT`. @default 3000 */
  readonly port: number;
  /** Password of the user `holdfast`, asked for on every page. From `HOLDFAST_PASSWORD`, or the file that `HOLDFAST_PASSWORD_FILE` names. @default none, which loopback allows */
  readonly password: string | undefined;
  /** Host names that a browser may use for this server, besides loopback and `host`; without ports. From `HOLDFAST_ALLOWED_HOSTS`, comma-separated. */
  readonly allowedHosts: readonly string[];
  /** Proxies whose `X-Forwarded-For` is believed; without them all clients behind a proxy count as one. From `HOLDFAST_TRUSTED_PROXIES`, comma-separated. @default none */
  readonly trustedProxies: BlockList;
}

/** How to reach Temporal. */
export interface TemporalConnection {
  /** Task queue of all workflows: one that nothing else in the namespace uses. From `HOLDFAST_TASK_QUEUE`. @default holdfast */
  readonly taskQueue: string;
  /** `host:port` of the Temporal frontend. From `TEMPORAL_ADDRESS`, a profile, or the dev server's port. */
  readonly address: string;
  readonly namespace: string;
  /** On the way to that address. From `grpc_proxy`, `https_proxy` or `http_proxy`, but for `no_grpc_proxy` or `no_proxy`. */
  readonly proxy: Proxy | undefined;
  /** What `Connection.connect` and `NativeConnection.connect` take: address, TLS, API key, and the proxy in the words of each. */
  readonly connection: ClientConnectConfig['connectionOptions'] & Pick<ConnectionOptions, 'channelArgs'>;
}

export interface TemporalConfig extends TemporalConnection {
  /** Port of the dev server that `bin/dev` starts. From `HOLDFAST_TEMPORAL_PORT`. @default 7233 */
  readonly devPort: number;
  /** Port of the dev server's Web UI. From `HOLDFAST_TEMPORAL_UI_PORT`. @default 8233 */
  readonly devUiPort: number;
  /** Where people reach the Temporal Web UI. From `TEMPORAL_UI_URL`. @default the dev server's */
  readonly uiUrl: string;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const port = z.coerce.number().int().min(1).max(65_535);

const ENVIRONMENT = z.object({
  NODE_ENV: z.string().default('development'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  HOLDFAST_HOME: z.string().default('.holdfast'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  HOLDFAST_PASSWORD: z.string().min(12).optional(),
  HOLDFAST_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((list, check) => readHostNames(list, (problem) => check.addIssue(problem))),
  HOLDFAST_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((list, check) => readNetworks(list, (problem) => check.addIssue(problem))),
  HOLDFAST_TEMPORAL_PORT: port.default(7233),
  HOLDFAST_TASK_QUEUE: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'it must be 1–100 letters, digits, _ . : or -')
    .default(DEFAULT_TASK_QUEUE),
  HOLDFAST_TEMPORAL_UI_PORT: port.default(8233),
  HOLDFAST_SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).max(3_600_000).default(20_000),
  HOLDFAST_MAX_BUSY_MS: z.coerce.number().int().min(1_000).max(3_000_000).default(300_000),
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/ }).optional(),
});

type TemporalSettings = Pick<z.infer<typeof ENVIRONMENT>, 'HOLDFAST_TEMPORAL_PORT' | 'HOLDFAST_TASK_QUEUE'>;

/** Thrown by {@link loadConfig} with every problem of the environment, one a line. Mend the named variables and start again. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(problems: readonly string[]) {
    super(`Holdfast cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** @throws {ConfigError} listing all problems at once */
export function loadConfig(environment: Environment, programs: Programs = OF_THE_PACKAGE): Config {
  const env = withSecretFiles(withoutEmpty(environment), refuse);
  const parsed = ENVIRONMENT.safeParse(env);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => describeIssue(issue, env)));
  const settings = parsed.data;
  if (!isLoopback(settings.HOST) && settings.HOLDFAST_PASSWORD === undefined)
    throw new ConfigError([
      `HOST is ${settings.HOST}, which other machines may reach: set HOLDFAST_PASSWORD or HOLDFAST_PASSWORD_FILE (12 characters or more), or HOST=127.0.0.1`,
    ]);
  return {
    programs,
    production: settings.NODE_ENV === 'production',
    logLevel: settings.LOG_LEVEL,
    home: resolve(settings.HOLDFAST_HOME),
    shutdownGraceMs: settings.HOLDFAST_SHUTDOWN_GRACE_MS,
    maxBusyMs: settings.HOLDFAST_MAX_BUSY_MS,
    web: {
      host: settings.HOST,
      port: settings.PORT,
      password: settings.HOLDFAST_PASSWORD,
      allowedHosts: settings.HOLDFAST_ALLOWED_HOSTS,
      trustedProxies: settings.HOLDFAST_TRUSTED_PROXIES,
    },
    temporal: {
      ...temporalConnection(env, settings),
      devPort: settings.HOLDFAST_TEMPORAL_PORT,
      devUiPort: settings.HOLDFAST_TEMPORAL_UI_PORT,
      uiUrl: settings.TEMPORAL_UI_URL ?? `http://127.0.0.1:${settings.HOLDFAST_TEMPORAL_UI_PORT}`,
    },
  };
}

/** As much of the configuration as a program needs that only enqueues. @throws {ConfigError} */
export function loadTemporalConfig(environment: Environment): TemporalConnection {
  const env = withSecretFiles(withoutEmpty(environment), refuse);
  const parsed = ENVIRONMENT.pick({ HOLDFAST_TEMPORAL_PORT: true, HOLDFAST_TASK_QUEUE: true }).safeParse(env);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => describeIssue(issue, env)));
  return temporalConnection(env, parsed.data);
}

function temporalConnection(
  env: Record<string, string>,
  { HOLDFAST_TEMPORAL_PORT: devPort, HOLDFAST_TASK_QUEUE: taskQueue }: TemporalSettings,
): TemporalConnection {
  const { connectionOptions, namespace } = temporalProfile(env);
  const address = connectionOptions.address ?? `127.0.0.1:${devPort}`;
  const proxy = readProxy(env, address, refuse);
  return {
    taskQueue,
    address,
    namespace: namespace ?? 'default',
    proxy,
    connection: {
      ...connectionOptions,
      address,
      // The client looks into the environment by itself, for any address.
      channelArgs: { 'grpc.enable_http_proxy': proxy ? 1 : 0 },
      // The worker's core does not look.
      ...(proxy && {
        proxy: { type: 'http-connect', targetHost: proxy.address, ...(proxy.login && { basicAuth: proxy.login }) },
      }),
    },
  };
}

function refuse(problem: string): never {
  throw new ConfigError([problem]);
}

/** An empty value means "not set", as in Procfile runners' .env files. */
function withoutEmpty(environment: Environment): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value) env[name] = value;
  return env;
}

/** `TEMPORAL_*` variables and the profile file that Temporal's CLI shares. */
function temporalProfile(env: Record<string, string>): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: env });
  } catch (error) {
    throw new ConfigError([
      `TEMPORAL_* or its profile file: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

function describeIssue(issue: z.core.$ZodIssue, env: Environment): string {
  const name = String(issue.path[0]);
  const value = name.includes('PASSWORD') ? 'its value' : JSON.stringify(env[name]);
  return `${name}: ${value} is not usable (${issue.message})`;
}

/**
 * The production form without Docker: builds what the image would hold, runs it with the commands and settings of
 * docker-compose.yml against PostgreSQL and the real Temporal server, and kills everything in turn. By hand; minutes.
 */
import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.ts';
import { check, heading } from './check.ts';
import { canConfine } from './confined.ts';
import { DOCKER_COMPOSE, goTool, TEMPORAL_SERVER, TEMPORAL_SQL_TOOL } from './go-tools.ts';
import { buildImageFolder } from './image.ts';
import { namesTheseVersions, readsCleanly, readImage, SECRETS } from './scenarios/files.ts';
import { readiness } from './scenarios/readiness.ts';
import { refusals } from './scenarios/refusals.ts';
import { kills } from './scenarios/kills.ts';
import { jobs } from './scenarios/jobs.ts';
import { starts, stops } from './scenarios/start-and-stop.ts';
import { Stack } from './stack.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(ROOT, '.holdfast/go');

await using everything = new AsyncDisposableStack();
process.once('SIGINT', () => void everything.disposeAsync().finally(() => process.exit(130)));

const folder = await mkdtemp(join(tmpdir(), 'holdfast-production-'));
await chmod(folder, 0o755);
process.stdout.write(`Logs are in ${folder} until the end; after a failure they stay.\n`);

heading('Tools');
const docker = await goTool(DOCKER_COMPOSE, cache);
const temporalServer = await goTool(TEMPORAL_SERVER, cache);
const temporalSqlTool = await goTool(TEMPORAL_SQL_TOOL, cache);

heading('Files');
const compose = await readsCleanly(docker, ROOT);
await namesTheseVersions(compose);
const image = await readImage(ROOT, temporalServer);

heading('Build');
const app = join(folder, 'app');
await check('npm run build and production dependencies make the image', () => buildImageFolder(ROOT, app));

const confines = await canConfine();
if (!confines)
  process.stdout.write('  Services run with the rights of this user: only root can confine them as containers are.\n');
const stack = everything.use(
  await Stack.create({ compose, image, app, folder, temporalServer, temporalSqlTool, confines, secrets: SECRETS }),
);
const api = new Api(stack.webUrl, SECRETS.holdfast_password);

await refusals(stack, app, folder);
await starts(stack, compose, image);
await jobs(stack, api);
await kills(stack, api);
await readiness(stack, api, compose, image);
await stops(stack, api, compose);

await everything.disposeAsync();
await rm(folder, { recursive: true, force: true });
process.stdout.write('Everything holds.\n');

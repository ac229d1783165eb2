/** Stands in for the web server in tests of what runs it: answers everything, and leaves in good order. */
import { createServer } from 'node:http';
import { loadConfig } from '../../../src/config/config.ts';
import { writePidFile } from '../../../src/process/pid-files.ts';

const { home, web } = loadConfig(process.env);
using pidFile = new DisposableStack();
pidFile.use(writePidFile(home, 'web'));
const server = createServer((_request, response) => response.end('here')).listen(web.port, web.host);
const stopped = Promise.withResolvers<NodeJS.Signals>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve(signal));
process.stdout.write('web is up\n');
process.stdout.write(`web got ${await stopped.promise}\n`);
server.close();
server.closeAllConnections();

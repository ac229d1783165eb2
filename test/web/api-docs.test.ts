import { execFileSync } from 'node:child_process';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { JobView } from '../../src/job/job.ts';
import type { GroupViewSchema } from '../../src/contract/schemas/group-view.ts';
import type { JobViewSchema } from '../../src/contract/schemas/job-view.ts';
import type { GroupSnapshot } from '../../src/temporal/jobs.ts';
import { PROBLEMS } from '../../src/web/errors.ts';
import { CATALOGUE } from '../support/kinds.ts';
import { webWorld } from '../support/web-app.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly description?: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly headers?: object }>>;
}

interface RequestSchema {
  readonly oneOf: readonly {
    readonly properties: { readonly kind: { readonly enum: string[] }; readonly args: { readonly properties: object } };
  }[];
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly JobRequest: RequestSchema; readonly BulkLine: RequestSchema } };
}

async function openApi(): Promise<OpenApi> {
  const response = await webWorld().get('/api/openapi.json');
  expect(response.status).toBe(200);
  return (await response.json()) as OpenApi;
}

test('the documented group view and what is told of a group are the same, both ways', () => {
  expectTypeOf<z.infer<typeof GroupViewSchema>>().toExtend<GroupSnapshot>();
  expectTypeOf<GroupSnapshot>().toExtend<z.infer<typeof GroupViewSchema>>();
  expectTypeOf<keyof z.infer<typeof GroupViewSchema>>().toEqualTypeOf<keyof GroupSnapshot>();
});

test('the documented job view and the job view are the same, both ways', () => {
  expectTypeOf<z.infer<typeof JobViewSchema>>().toExtend<JobView>();
  expectTypeOf<JobView>().toExtend<z.infer<typeof JobViewSchema>>();
  expectTypeOf<keyof z.infer<typeof JobViewSchema>>().toEqualTypeOf<keyof JobView>();
});

describe('the OpenAPI document', () => {
  test('lists every address and nothing else', async () => {
    const { openapi, paths } = (await openApi()) as { openapi: string; paths: Record<string, object> };
    expect(openapi).toBe('3.1.0');
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(new Set(operations)).toEqual(
      new Set([
        'POST /api/jobs',
        'GET /api/jobs/{id}',
        'PATCH /api/jobs/{id}',
        'DELETE /api/jobs/{id}',
        'POST /api/jobs/bulk',
        ...['run-now', 'pause', 'resume', 'retry', 'discard'].map((action) => `POST /api/jobs/{id}/${action}`),
        'GET /api/groups/{id}',
        'PATCH /api/groups/{id}',
        'DELETE /api/groups/{id}',
        ...['run-now', 'pause', 'resume', 'discard'].map((action) => `POST /api/groups/{id}/${action}`),
      ]),
    );
  });

  test('refers only to what it holds', async () => {
    const document = await openApi();
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set([...references].map(([, name = '']) => name));
    expect(names).toEqual(
      new Set(['Job', 'JobRequest', 'JobPatch', 'Problem', 'BulkLine', 'BulkResult', 'Group', 'GroupPatch']),
    );
    for (const name of names) expect(document.components.schemas).toHaveProperty(name);
    expect(JSON.stringify(document).match(/"\$ref"/g)?.length).toBeGreaterThan(20);
  });

  test('describes every operation, its parameters and its answers, under an id of its own', async () => {
    const { paths } = await openApi();
    const ids = new Set<string>();
    for (const [path, methods] of Object.entries(paths))
      for (const { operationId, summary, description, parameters = [], responses } of Object.values(methods)) {
        ids.add(operationId);
        expect(summary).not.toBe('');
        expect(description).not.toBe('');
        for (const parameter of parameters) expect(parameter.description).toMatch(/\w/);
        const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
        expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
        for (const status of ['500', '503']) expect(responses[status]?.description).toMatch(/\w/);
      }
    expect(ids.size).toBe(17);
  });

  test('knows every kind of the catalogue, with its arguments', async () => {
    const { JobRequest, BulkLine } = (await openApi()).components.schemas;
    for (const { oneOf } of [JobRequest, BulkLine]) {
      const kinds = oneOf.flatMap(({ properties }) => properties.kind.enum);
      expect(new Set(kinds)).toEqual(new Set(CATALOGUE.jobs.map(({ kind }) => kind)));
      for (const { properties } of oneOf) expect(Object.keys(properties.args.properties).length).toBeGreaterThan(0);
    }
  });

  test('an action that may be kept for later says so', async () => {
    const { paths } = await openApi();
    expect(paths['/api/jobs/{id}']?.['delete']?.responses['202']).toMatchObject({
      description: expect.stringContaining('takes effect when a worker is back'),
      headers: { 'Holdfast-Applied': expect.anything() },
    });
  });
});

describe('the page about the API', () => {
  test('shows every operation with an example that can be pasted', async () => {
    const response = await webWorld().get('/api/docs');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    const html = await response.text();
    for (const id of [
      'startJob',
      'readJob',
      'changeJob',
      'cancelJob',
      'runNowJob',
      'pauseJob',
      'resumeJob',
      'retryJob',
      'discardJob',
      'startJobs',
      'readGroup',
      'rescheduleGroup',
      'cancelGroup',
      'pauseGroup',
    ])
      expect(html).toContain(`id="${id}"`);
    expect(html).toContain('curl -X POST http://localhost:3000/api/jobs -H');
    expect(html).toContain(
      '{&quot;kind&quot;:&quot;NameWorkflow&quot;,&quot;args&quot;:{&quot;name&quot;:&quot;foo&quot;}}',
    );
    expect(html).toContain('Body for a WriteReport');
    expect(html).toContain('attempts[].outcome');
    expect(html).toContain('counts.scheduled');
    expect(html).toContain('array of Job');
    expect(html).toContain('Line for a WriteReport');
    expect(html).toContain('problem.errors');
  });

  test('explains every problem where its type points to', async () => {
    const html = await (await webWorld().get('/api/docs')).text();
    for (const name of Object.keys(PROBLEMS)) expect(html).toContain(`<div id="${name}">`);
  });

  test('the example of starting a job starts one', async () => {
    const world = webWorld();
    const html = await (await world.get('/api/docs')).text();
    const [, body = ''] =
      /curl -X POST http:\/\/localhost:3000\/api\/jobs -H &#39;[^&]+&#39; -d &#39;(.+?)&#39;/.exec(html) ?? [];
    const response = await world.send('POST', '/api/jobs', body.replaceAll('&quot;', '"'));
    expect(response.status).toBe(202);
  });

  test('the example of starting many jobs does, as a shell runs it', async () => {
    const world = webWorld();
    const html = await (await world.get('/api/docs')).text();
    const [, command = ''] =
      /<code>(printf .+?) \| curl -X POST http:\/\/localhost:3000\/api\/jobs\/bulk/.exec(html) ?? [];
    const unescaped = command.replaceAll('&quot;', '"').replaceAll('&#39;', "'");
    const lines = execFileSync('sh', ['-c', unescaped], { encoding: 'utf8' });
    const answer = await (await world.bulk(lines)).text();
    expect(answer.match(/"status":202/g)).toHaveLength(2);
  });
});

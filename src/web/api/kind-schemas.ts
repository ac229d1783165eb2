/** Kinds in the OpenAPI document: one shape of a request for each, with its arguments as far as their schemas tell of themselves. */
import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { Catalogue } from '../../kinds/catalogue.ts';
import type { AnyJob } from '../../kinds/job-definition.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Shapes of a request, by the names that the document gives them. */
const REQUESTS = ['JobRequest', 'BulkLine'] as const;

/** @param document of OpenAPI */
export function withKinds<Document extends { readonly components?: object | undefined }>(
  document: Document,
  { jobs }: Catalogue,
): Document {
  const { schemas } = (document.components ?? {}) as { readonly schemas?: Record<string, JsonSchema> };
  if (!schemas || jobs.length === 0) return document;
  const args = new Map(jobs.map((job) => [job, argsSchema(job)]));
  const withJobs = Object.fromEntries(
    REQUESTS.map((name) => [
      name,
      { oneOf: jobs.map((job) => requestOf(schemas[name] ?? {}, job, args.get(job) ?? {})) },
    ]),
  );
  return { ...document, components: { ...document.components, schemas: { ...schemas, ...withJobs } } };
}

function requestOf(any: JsonSchema, job: AnyJob, args: JsonSchema): JsonSchema {
  const properties = any['properties'] as JsonSchema | undefined;
  const queue = { ...(properties?.['queue'] as JsonSchema | undefined), default: job.queue };
  const kind = { type: 'string', enum: [job.kind], ...(job.summary !== undefined && { description: job.summary }) };
  return { ...any, properties: { ...properties, kind, args, queue } };
}

/** Standard Schemas of zod, ArkType and others tell of themselves; what cannot be told is any object. */
function argsSchema({ kind, args }: AnyJob): JsonSchema {
  const standard = (args as Partial<StandardJSONSchemaV1>)['~standard'];
  const description = `Arguments of a ${kind}.`;
  try {
    const { $schema: _version, ...schema } = standard?.jsonSchema?.input({ target: 'draft-2020-12' }) ?? {};
    return { type: 'object', description, ...schema };
  } catch {
    return { type: 'object', description };
  }
}

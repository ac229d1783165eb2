/** The OpenAPI document as a page can show it: flat, in reading order, with an example to type for each operation. */
import { shellQuote } from '../shell-quote.ts';
import type { ApiDocument } from './document.ts';

const NDJSON = 'application/x-ndjson';

/** The part of JSON Schema that our documents use. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly description?: string;
  readonly example?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly additionalProperties?: boolean | Schema;
}

interface RawParameter {
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface RawOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

export interface Field {
  /** Nested ones by path: `attempts[].number`. */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Field[];
  /** One per shape that the body may have. */
  readonly bodies: readonly { readonly title: string; readonly fields: readonly Field[] }[];
  readonly answers: readonly { readonly status: string; readonly text: string }[];
  readonly example: string;
}

export interface ApiDescription {
  readonly operations: readonly Operation[];
  /** Of a shape that answers have, by the name that the document gives it. */
  readonly fieldsOf: (name: string) => readonly Field[];
}

export function describeApi(document: ApiDocument, origin: string): ApiDescription {
  const schemas = (document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>;
  const resolve = (schema: Schema): Schema => schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema;
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, RawOperation>).map(([method, raw]) =>
      describe(method, path, raw, resolve, origin),
    ),
  );
  return { operations, fieldsOf: (name) => fieldsOf(resolve({ $ref: `#/components/schemas/${name}` })) };
}

type Resolve = (schema: Schema) => Schema;

function describe(method: string, path: string, raw: RawOperation, resolve: Resolve, origin: string): Operation {
  const [type, body] = Object.entries(raw.requestBody?.content ?? {})[0] ?? [];
  const shapes = body ? shapesOf(resolve(body.schema)) : [];
  const isLines = type === NDJSON;
  return {
    id: raw.operationId,
    method,
    path,
    summary: raw.summary,
    description: raw.description,
    parameters: (raw.parameters ?? []).map(({ name, required, schema }) => fieldOf(name, schema, required ?? false)),
    bodies: shapes.map((shape) => ({ title: titleOf(shape, isLines ? 'Line' : 'Body'), fields: fieldsOf(shape) })),
    answers: Object.entries(raw.responses).map(([status, { description }]) => ({ status, text: description })),
    example: isLines ? exampleOfLines(path, shapes[0], origin) : exampleOf(method, path, shapes[0], origin),
  };
}

function shapesOf(schema: Schema): readonly Schema[] {
  return schema.oneOf ?? [schema];
}

function titleOf({ properties }: Schema, what: 'Body' | 'Line'): string {
  const [kind] = properties?.['kind']?.enum ?? [];
  return typeof kind === 'string' ? `${what} for a ${kind}` : what;
}

function fieldsOf(schema: Schema, prefix = ''): Field[] {
  const fields: Field[] = [];
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const name = `${prefix}${key}`;
    fields.push(fieldOf(name, property, schema.required?.includes(key) ?? false));
    if (property.properties) fields.push(...fieldsOf(property, `${name}.`));
    if (property.items?.properties) fields.push(...fieldsOf(property.items, `${name}[].`));
  }
  return fields;
}

function fieldOf(name: string, schema: Schema, required: boolean): Field {
  return { name, type: typeOf(schema), required, description: schema.description ?? '' };
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'any';
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const types = [schema.type ?? 'any']
    .flat()
    .map((type) => (type === 'array' ? `array of ${typeOf(schema.items ?? {})}` : type));
  const range = [schema.minimum, schema.maximum].some((bound) => bound !== undefined)
    ? ` ${schema.minimum ?? '…'}–${schema.maximum ?? '…'}`
    : '';
  return `${types.join(' | ')}${schema.format === undefined ? '' : ` (${schema.format})`}${range}`;
}

/** `curl` with the required fields, and the first optional one of a body that requires none. */
function exampleOf(method: string, path: string, body: Schema | undefined, origin: string): string {
  const words = [
    'curl',
    ...(method === 'get' ? [] : ['-X', method.toUpperCase()]),
    `${origin}${path.replace('{id}', 'ID')}`,
  ];
  if (body) words.push('-H', 'Content-Type: application/json', '-d', JSON.stringify(exampleValue(body)));
  return words.map((word) => shellQuote(word)).join(' ');
}

/** A shell writes the lines, as a program would. */
function exampleOfLines(path: string, line: Schema | undefined, origin: string): string {
  const value = exampleValue(line ?? {}) as object;
  const lines = [value, { ...value, delayMs: 10_000 }].map((job) => shellQuote(JSON.stringify(job))).join(' ');
  const type = shellQuote(`Content-Type: ${NDJSON}`);
  return `printf '%s\\n' ${lines} | curl -X POST ${origin}${path} -H ${type} --data-binary @-`;
}

function exampleValue(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  if (schema.properties) {
    const names = schema.required?.length ? schema.required : Object.keys(schema.properties).slice(0, 1);
    return Object.fromEntries(names.map((name) => [name, exampleValue(schema.properties?.[name] ?? {})]));
  }
  return schema.minimum ?? null;
}

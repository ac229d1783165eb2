/** Arguments by their kind's own schema, whichever library that is of. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AnyJob } from './job-definition.ts';

export interface ArgsIssue {
  /** From the arguments on: `['args', 'invoiceId']`. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type CheckedArgs = { readonly args: unknown } | { readonly issues: readonly ArgsIssue[] };

/** @returns what the schema makes of them, or what is wrong with them; a promise only for schemas that take their time */
export function checkArgs({ args: schema }: AnyJob, args: unknown): CheckedArgs | Promise<CheckedArgs> {
  const result = (schema as StandardSchemaV1)['~standard'].validate(args);
  return result instanceof Promise ? result.then(readResult) : readResult(result);
}

function readResult(result: StandardSchemaV1.Result<unknown>): CheckedArgs {
  if (!result.issues) return { args: result.value };
  return { issues: result.issues.flatMap(readIssue) };
}

function readIssue(issue: StandardSchemaV1.Issue): ArgsIssue[] {
  const path = ['args', ...keysOf(issue.path)];
  // As zod has them: all of an object in one issue.
  const { code, keys } = issue as { readonly code?: unknown; readonly keys?: unknown };
  if (code !== 'unrecognized_keys' || !Array.isArray(keys)) return [{ path, message: issue.message }];
  return keys.map((key) => ({ path: [...path, String(key)], message: 'is not known here' }));
}

function keysOf(path: StandardSchemaV1.Issue['path'] = []): PropertyKey[] {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

import type { z } from 'zod';
import { Problem, type FieldError } from '../errors.ts';

/** What a schema found wrong, a field each. */
export function fieldErrors(error: z.core.$ZodError, ...prefix: string[]): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const path = [...prefix, ...issue.path.map(String)];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: [...path, key].join('.'), detail: 'is not known here' }));
    return [{ field: path.join('.'), detail: issue.message }];
  });
}

/** A request that its schema refuses. */
export function invalidRequest(error: z.core.$ZodError): Problem {
  const errors = fieldErrors(error);
  const detail = errors.map((found) => `${found.field} ${found.detail}`.trim()).join('; ');
  return new Problem('invalid-request', `Not usable: ${detail}.`, { errors });
}

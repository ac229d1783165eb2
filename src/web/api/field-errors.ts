import type { z } from 'zod';
import { Problem, type FieldError } from '../errors.ts';
import { sentence } from '../sentence.ts';

/** What a schema found wrong, a field each. */
function fieldErrors(error: z.core.$ZodError): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: [...path, key].join('.'), detail: 'is not known here' }));
    return [{ field: path.join('.'), detail: issue.message }];
  });
}

/** A body of a hundred thousand unknown fields would otherwise be answered with a document of many megabytes. */
const ERRORS_SHOWN = 20;

/** A request that its schema refuses; says of the first fields what is wrong. */
export function invalidRequest(error: z.core.$ZodError): Problem {
  return invalidFields(fieldErrors(error));
}

export function invalidFields(all: readonly FieldError[]): Problem {
  const errors = all.slice(0, ERRORS_SHOWN);
  const detail = errors.map((found) => `${found.field} ${found.detail}`.trim()).join('; ');
  const more = all.length > errors.length ? `; and ${all.length - errors.length} more` : '';
  return new Problem('invalid-request', sentence(`Not usable: ${detail}${more}`), { errors });
}

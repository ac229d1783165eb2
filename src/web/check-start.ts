/** A request to start a job, by the kinds that this service knows. */
import type { RequestedJob } from '../contract/schemas/job-request.ts';
import type { JobRequest } from '../job/job-request.ts';
import type { Catalogue } from '../kinds/catalogue.ts';
import type { ArgsIssue } from '../kinds/check-args.ts';
import { checkRequest, type CheckedRequest } from '../kinds/check-request.ts';
import { invalidFields } from './api/field-errors.ts';
import type { Problem } from './errors.ts';

export interface StartRules {
  readonly catalogue: Catalogue;
  /** Of workflows, so no attempts can wait there. */
  readonly taskQueue: string;
}

/** @returns a problem for what is refused; a promise only for schemas that take their time */
export function checkStart(
  rules: StartRules,
  asked: RequestedJob,
): JobRequest | Problem | Promise<JobRequest | Problem> {
  const result = (checked: CheckedRequest): JobRequest | Problem => {
    if ('issues' in checked) return invalidFields(checked.issues.map((issue) => fieldOf(issue)));
    return problemWithQueue(rules, checked.request.queue) ?? checked.request;
  };
  const checking = checkRequest(rules.catalogue, asked);
  return checking instanceof Promise ? checking.then(result) : result(checking);
}

export function problemWithQueue({ taskQueue }: StartRules, queue: string | undefined): Problem | undefined {
  if (queue !== taskQueue) return undefined;
  return invalidFields([{ field: 'queue', detail: `cannot be ${taskQueue}, which is the task queue of workflows` }]);
}

export function fieldOf({ path, message }: ArgsIssue): { readonly field: string; readonly detail: string } {
  return { field: path.map(String).join('.'), detail: message };
}

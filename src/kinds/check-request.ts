/** A request as it came, made into one that can be enqueued: its kind is known, and its arguments fit. */
import type { RequestedJob } from '../contract/schemas/job-request.ts';
import type { JobRequest } from '../job/job-request.ts';
import { unknownKind, type Catalogue } from './catalogue.ts';
import { checkArgs, type ArgsIssue, type CheckedArgs } from './check-args.ts';
import type { AnyJob } from './job-definition.ts';
import { settle } from './settle.ts';

export type CheckedRequest = { readonly request: JobRequest } | { readonly issues: readonly ArgsIssue[] };

/** What stands in the history are the arguments as they came: the work gets what the schema makes of them, each time anew. */
export function checkRequest(catalogue: Catalogue, asked: RequestedJob): CheckedRequest | Promise<CheckedRequest> {
  const job = catalogue.find(asked.kind);
  if (!job) return { issues: [{ path: ['kind'], message: unknownKind(catalogue, asked.kind) }] };
  return checkRequestOf(job, asked);
}

export function checkRequestOf(job: AnyJob, asked: RequestedJob): CheckedRequest | Promise<CheckedRequest> {
  const settled = (checked: CheckedArgs): CheckedRequest =>
    'issues' in checked ? checked : { request: settle(job, asked) };
  const checking = checkArgs(job, asked.args);
  return checking instanceof Promise ? checking.then(settled) : settled(checking);
}

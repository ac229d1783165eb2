/**
 * A start as it came, checked: jobs are started by Temporal's CLI too, and by whatever else can. The workflow and the web's fold of
 * the history both read by this. What cannot be used is left out and named, and the job waits for a person: nothing makes it stuck.
 */
import type { JobInput } from './job-record.ts';
import { FIELD_CHECKS, isObject, problemWithField, quoted, type Field } from './field-checks.ts';
import { needsNewer } from '../contract/format.ts';
import { problemWithRecord } from './record-checks.ts';

export interface Start {
  /** What of it is usable. */
  readonly input: JobInput;
  /** Of a job that has any, the first attempt waits for a person. */
  readonly problems: readonly string[];
  /** A newer version wrote it, and only that one can tell what it means. */
  readonly needsNewer?: boolean;
}

/**
 * @param inputs all that the workflow was started with: one, if all is well
 * @param startedAt by Temporal's clock. @format milliseconds since 1970
 */
export function readStart(inputs: readonly unknown[], startedAt: number): Start {
  const [input] = inputs;
  if (inputs.length === 0) return unusable('the input is missing: it must be an object with args');
  if (!isObject(input)) return unusable('the input is not usable: it must be an object with args');
  const { record, needs: _needs, ...fields } = input;
  if (needsNewer(input)) return { input: readFields(fields, startedAt).input, problems: [], needsNewer: true };
  const start = readFields(fields, startedAt);
  const problems = [
    ...(inputs.length === 1 ? [] : [`${inputs.length} inputs were given: a job takes one`]),
    ...start.problems,
  ];
  if (record === undefined) return { ...start, problems };
  const problem = problemWithRecord(record);
  // Made by the run before, or by the group that the job has left.
  if (problem === undefined) return { input: { ...start.input, record: record as JobInput['record'] & {} }, problems };
  return { ...start, problems: [...problems, problem] };
}

/** The fields that a job's own start and an item of a group have in common. */
export function readFields(fields: Readonly<Record<string, unknown>>, startedAt: number): Start {
  const problems: string[] = [];
  const usable: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const problem = isField(field) ? problemWithField(field, value, startedAt) : unknownField(field);
    if (problem === undefined) usable[field] = value;
    else problems.push(problem);
  }
  if (fields['args'] === undefined) problems.push(problemWithField('args', undefined, startedAt) ?? '');
  if (usable['dueAt'] !== undefined && usable['delayMs'] !== undefined)
    problems.push('delayMs is one due time too many: give dueAt or delayMs, not both');
  return { input: { ...withoutArgs(), ...usable }, problems };
}

function unusable(problem: string): Start {
  return { input: withoutArgs(), problems: [problem] };
}

function withoutArgs(): JobInput {
  return { args: {} };
}

function unknownField(field: string): string {
  return `${quoted(field)} cannot be given; these can: ${Object.keys(FIELD_CHECKS).join(', ')}`;
}

function isField(field: string): field is Field {
  return Object.hasOwn(FIELD_CHECKS, field);
}

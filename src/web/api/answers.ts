/** Answers that several routes share, as the OpenAPI document tells them. */
import { PROBLEMS, type ProblemName } from '../errors.ts';
import { ProblemBody } from './schemas.ts';

/** Of every route. */
const ANYWHERE = [
  'internal',
  'temporal-unreachable',
  'temporal-busy',
  'temporal-conflict',
  'temporal-unusable',
  'temporal-forbids',
  'temporal-failed',
] as const satisfies readonly ProblemName[];

/** Problems of one status share an answer; its description lists them. Untyped, since routes throw them instead of returning them. */
export function problems(...names: ProblemName[]): object {
  const byStatus = Object.groupBy([...names, ...ANYWHERE], (name) => PROBLEMS[name].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, kinds]) => [
      status,
      {
        description: kinds.map((name) => `${PROBLEMS[name].title} (${name}).`).join(' '),
        content: { 'application/problem+json': { schema: ProblemBody } },
      },
    ]),
  );
}

/** Of every route that takes JSON. */
export const jsonBody = ['malformed-body', 'body-too-large', 'unsupported-media-type', 'invalid-request'] as const;

import { Layout, type Site } from '../components/layout.tsx';
import { PROBLEMS, type Problem } from '../errors.ts';

interface ProblemPageProps {
  readonly site: Site;
  readonly problem: Problem;
  readonly requestId: string;
  /** Whether asking for the same page again is harmless. */
  readonly repeatable: boolean;
}

/** Seconds until a page that found no Temporal tries again. */
const TRY_AGAIN_S = 3;

export function ProblemPage({ site, problem, requestId, repeatable }: ProblemPageProps) {
  const { whatToDo } = PROBLEMS[problem.kind];
  const passes = repeatable && (problem.kind === 'temporal-unreachable' || problem.kind === 'temporal-busy');
  return (
    <Layout
      site={site}
      title={problem.title}
      head={passes ? <meta http-equiv="refresh" content={String(TRY_AGAIN_S)} /> : null}
    >
      <section class="card problem">
        <p class="problem-status">{problem.status}</p>
        <h1>{problem.title}</h1>
        <p>{problem.message}</p>
        {passes ? (
          <p>Jobs are safe on its disk. This page tries again every {TRY_AGAIN_S} seconds.</p>
        ) : whatToDo === problem.message ? null : (
          <p>{whatToDo}</p>
        )}
        {problem.isFault ? <p class="quiet">Request {requestId}</p> : null}
        <p>
          <a class="button" href="/">
            To the jobs
          </a>
        </p>
      </section>
    </Layout>
  );
}

import type { ApiDocument } from '../api/document.ts';
import { describeApi, type Field, type Operation } from '../api/describe-operations.ts';
import { CopyableCommand } from '../components/copyable-command.tsx';
import { Layout, type Site } from '../components/layout.tsx';
import { PROBLEMS } from '../errors.ts';

interface ApiDocsPageProps {
  readonly site: Site;
  readonly document: ApiDocument;
  /** Of this server, as the reader reaches it; for the examples. */
  readonly origin: string;
}

/** Shapes that answers have. */
const VIEWS = [
  {
    name: 'Job',
    id: 'job',
    title: 'The job view',
    text: 'Every answer about a job is this one. Times are ISO 8601 with milliseconds, in UTC.',
  },
  { name: 'Group', id: 'group', title: 'The group view', text: 'Every answer about a group is this one.' },
  {
    name: 'BulkResult',
    id: 'bulk-result',
    title: 'A line of a bulk answer',
    text: 'What became of one line of the request: of an accepted job its id, of another its problem.',
  },
] as const;

export function ApiDocsPage({ site, document, origin }: ApiDocsPageProps) {
  const { operations, fieldsOf } = describeApi(document, origin);
  return (
    <Layout site={site} title="API">
      <h1>API</h1>
      <p class="lead">{document.info.description}</p>
      <p>
        For programs: <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).
      </p>
      <nav aria-label="Operations" class="contents">
        <ul>
          {operations.map((operation) => (
            <li>
              <a href={`#${operation.id}`}>
                <Method operation={operation} /> {operation.summary}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {operations.map((operation) => (
        <OperationSection operation={operation} />
      ))}
      {VIEWS.map(({ name, id, title, text }) => (
        <section class="card" id={id} aria-labelledby={`${id}-title`}>
          <h2 id={`${id}-title`}>{title}</h2>
          <p>{text}</p>
          <FieldTable fields={fieldsOf(name)} of={title} />
        </section>
      ))}
      <section class="card" aria-labelledby="problems-title">
        <h2 id="problems-title">Problems</h2>
        <p>
          Answers that are no success are <code>application/problem+json</code>. Compare <code>type</code>; the rest is
          for people.
        </p>
        <dl class="problem-list">
          {Object.entries(PROBLEMS).map(([name, { status, title, whatToDo }]) => (
            <div id={name}>
              <dt>
                <span class="status-code">{status}</span> <code>{name}</code>
              </dt>
              <dd>
                {title}. {whatToDo}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </Layout>
  );
}

function OperationSection({ operation }: { readonly operation: Operation }) {
  const { id, summary, path, description, parameters, bodies, answers, example } = operation;
  return (
    <section class="card operation" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{summary}</h2>
      <p class="operation-path">
        <Method operation={operation} /> <code>{path}</code>
      </p>
      <p>{description}</p>
      {parameters.length === 0 ? null : <FieldTable fields={parameters} title="Parameters" of={summary} />}
      {bodies.map(({ title, fields }) => (
        <FieldTable fields={fields} title={title} of={summary} />
      ))}
      <h3>Answers</h3>
      <dl class="problem-list">
        {answers.map(({ status, text }) => (
          <div>
            <dt>
              <span class="status-code">{status}</span>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <h3>Example</h3>
      <CopyableCommand command={example} label={`the example of ${summary}`} />
    </section>
  );
}

function Method({ operation: { method } }: { readonly operation: Operation }) {
  return (
    <span class="method" data-method={method}>
      {method.toUpperCase()}
    </span>
  );
}

interface FieldTableProps {
  readonly fields: readonly Field[];
  readonly title?: string;
  /** Tells the tables of a page apart where they are listed without their surroundings. */
  readonly of: string;
}

/** Wider than a phone, so it scrolls by itself; focusable, since the keyboard has to scroll it too. */
function FieldTable({ fields, title, of }: FieldTableProps) {
  return (
    <div class="scrolls" tabindex={0} role="region" aria-label={`${title ?? 'Fields'}: ${of}`}>
      <table class="fields">
        {title === undefined ? null : <caption>{title}</caption>}
        <thead class="hidden">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ name, required, type, description }) => (
            <tr>
              <th scope="row">
                <code>{name}</code>
                {required ? <span class="required"> required</span> : null}
              </th>
              <td class="field-type">{type}</td>
              <td>{description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

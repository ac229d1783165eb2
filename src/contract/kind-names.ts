/** What a kind of job may be called. The name is the type of its workflows, so it stands in histories and in Temporal's lists. */

/** Class names of other languages fit too: `Billing::SendInvoice`, `app.jobs:send_invoice`. */
const KIND_NAME = /^[A-Za-z][A-Za-z0-9_:.-]{0,99}$/;

/** Workflow types that are not jobs, and what later versions may need for theirs. */
const OURS = /^(?:GroupWorkflow|holdfast(?:$|[_:.-].*))$/i;

export const KIND_NAME_RULE =
  'a letter, then up to 99 letters, digits, _ : . or -, and no name that Holdfast has for itself';

export function isKindName(kind: unknown): kind is string {
  return typeof kind === 'string' && KIND_NAME.test(kind) && !OURS.test(kind);
}

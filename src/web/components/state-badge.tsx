import type { ShownState } from '../models/job-model.ts';
import { Icon } from './icon.tsx';

/** A state by colour, picture and word: none of them is needed to understand the others. */
export function StateBadge({ state, large = false }: { readonly state: ShownState; readonly large?: boolean }) {
  return (
    <span class={large ? 'badge badge-large' : 'badge'} data-state={state}>
      <Icon name={state} />
      {state}
    </span>
  );
}

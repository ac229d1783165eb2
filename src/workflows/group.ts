/**
 * Jobs that were acknowledged together and travel together until one of them is in trouble. Answers the messages of
 * `contract/group-messages.ts`; continues as new when Temporal suggests it.
 */
import type { GroupSummary } from '../job/group/groups.ts';
import { runGroup } from './lib/group/run-group.ts';

export async function GroupWorkflow(...start: unknown[]): Promise<GroupSummary> {
  return runGroup(start);
}

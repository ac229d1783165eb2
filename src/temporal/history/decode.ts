/** Decodes what stands in a history, as far as that goes: a view shows what it can of any. */
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { LoadedDataConverter } from '@temporalio/common';
import { optionalTsToMs, type Timestamp } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import { isNestedTooDeeply } from '../../contract/nesting.ts';

type Payload = temporal.api.common.v1.IPayload;

/** What is not encoded as we know it, is no JSON, or is nested too deeply, is `undefined`: so it is to the workflow. */
export async function decodeList(
  converter: LoadedDataConverter,
  payloads: temporal.api.common.v1.IPayloads | null | undefined,
): Promise<unknown[]> {
  return Promise.all((payloads?.payloads ?? []).map((payload) => decodeOne(converter, payload)));
}

async function decodeOne(converter: LoadedDataConverter, payload: Payload): Promise<unknown> {
  try {
    const [value] = await decodeArrayFromPayloads(converter, [payload]);
    return isNestedTooDeeply(value, payload.data?.length ?? 0) ? undefined : value;
  } catch {
    return undefined;
  }
}

export async function decodeError(
  converter: LoadedDataConverter,
  failure: temporal.api.failure.v1.IFailure | null | undefined,
): Promise<Error> {
  try {
    const error = await decodeOptionalFailureToOptionalError(converter, failure);
    return error ?? new Error('no reason was given');
  } catch {
    return new Error(failure?.message || 'the reason cannot be read');
  }
}

/** @format milliseconds since 1970 */
export function timeOf(time: Timestamp | null | undefined): number {
  return optionalTsToMs(time) ?? 0;
}

/**
 * How workflows decode what they are given. What cannot be decoded, or not be encoded again, is `undefined`, and judged like any other
 * input: by the SDK's own way, a start or a signal that is no JSON fails every workflow task from then on (SDK 1.24).
 */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import { isJsonNestedTooDeeply } from '../../contract/nesting.ts';

/** The bundler looks for it by this name. */
export const payloadConverter = {
  toPayload: (value: unknown) => defaultPayloadConverter.toPayload(value),
  fromPayload(payload: Payload): never {
    try {
      const value = defaultPayloadConverter.fromPayload<never>(payload);
      const isJson = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
      return isJson && payload.data && isJsonNestedTooDeeply(payload.data) ? (undefined as never) : value;
    } catch {
      return undefined as never;
    }
  },
} satisfies PayloadConverter;

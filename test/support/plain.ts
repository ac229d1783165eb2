/** What plain data is held to: everything that it will pass through must take it, and give it back as it was. */
import { defaultPayloadConverter } from '@temporalio/common';
import { expect } from 'vitest';

export function expectPlain(value: unknown): void {
  for (const text of textsIn(value)) expect(text.isWellFormed()).toBe(true);
  expect(JSON.parse(JSON.stringify(value))).toEqual(value);
  expect(structuredClone(value)).toEqual(value);
  expect(defaultPayloadConverter.fromPayload(defaultPayloadConverter.toPayload(value))).toEqual(value);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap(textsIn)];
}

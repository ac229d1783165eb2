/**
 * One read for everybody who asks at about the same time. Temporal lists 10 times a second unless it is told otherwise, and people
 * load pages as often as they please.
 */

/** Short enough for a page that is a moment behind anyway. The home page's two lists then take 4 of those 10. @format milliseconds */
const KEPT_FOR_MS = 500;

/** @returns `read` for many: under way once at most, and its answer kept for a moment. What fails is not kept. */
export function sharedRead<T>(read: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined;
  const forget = (): void => {
    shared = undefined;
  };
  return async () => {
    if (shared) return shared;
    shared = read();
    shared.then(() => setTimeout(forget, KEPT_FOR_MS).unref(), forget);
    return shared;
  };
}

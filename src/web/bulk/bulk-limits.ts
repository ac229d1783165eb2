/** What one bulk request may ask of web, and all of them together, besides bytes. */
export const BULK_LIMITS = {
  /** Lines of one request, blank ones included. */
  lines: 200_000,
  /** Of its lines that were answered with a refusal: most often somebody sends what are no jobs, and each refusal is longer than its line. */
  refusedLines: 1_000,
  /** Requests at once. Each may keep some 30 MiB of lines and answers in memory. */
  requests: 16,
} as const;

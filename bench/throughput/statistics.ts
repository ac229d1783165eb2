/** Of samples in any order. `undefined` where there are none. */
export function percentile(samples: readonly number[], share: number): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** What a table shows of several rounds. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** `undefined` unless every round has a value: the range of some of them would look like that of all. */
export function summarize(rounds: readonly (number | undefined)[]): Summary | undefined {
  const values = rounds.filter((value) => value !== undefined).sort((a, b) => a - b);
  const [min, max] = [values[0], values.at(-1)];
  if (values.length < rounds.length || min === undefined || max === undefined) return undefined;
  const [low, high] = [values[(values.length - 1) >> 1] ?? min, values[values.length >> 1] ?? max];
  return { median: (low + high) / 2, min, max };
}

/** Measures a load on roads: a warm-up, then so many rounds. What several figures want is measured once. */
import { startByCallers } from './workloads/callers.ts';
import type { Load } from './workloads/workload.ts';
import { Recording, type Measures } from './recording.ts';
import { ROADS, type RoadName } from './subjects/subject.ts';
import { openWorld, type World, type WorldOptions } from './harness.ts';

/** Of each round, what it comes to on each of the roads, in their order. */
export type Rounds = readonly (readonly Measures[])[];

export interface Measured {
  readonly load: Load;
  readonly roads: readonly RoadName[];
  readonly rounds: Rounds;
}

/** What a server and its workers see before a round that wants them fresh. */
const WARM_UP = { callers: 20, inGroups: 500, alone: 50 };

export class Measurements {
  readonly #options: WorldOptions & { readonly rounds: number };
  readonly #measured = new Map<string, Promise<Measured>>();

  constructor(options: WorldOptions & { readonly rounds: number }) {
    this.#options = options;
  }

  async of(load: Load, roads: readonly RoadName[]): Promise<Rounds> {
    const key = [load.what, ...roads].join();
    const measured = this.#measured.get(key) ?? this.#measure(load, roads);
    this.#measured.set(key, measured);
    return (await measured).rounds;
  }

  /** All that could be measured, in the order in which it was. */
  async all(): Promise<Measured[]> {
    const settled = await Promise.allSettled(this.#measured.values());
    return settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  }

  async #measure(load: Load, roads: readonly RoadName[]): Promise<Measured> {
    const rounds = load.freshServer ? await this.#onFreshServers(load, roads) : await this.#onOneServer(load, roads);
    return { load, roads, rounds };
  }

  async #onFreshServers(load: Load, roads: readonly RoadName[]): Promise<Rounds> {
    const rounds: (readonly Measures[])[] = [];
    while (rounds.length < this.#options.rounds) {
      this.#sayRound(load, roads, rounds.length + 1);
      await using world = await openWorld(this.#options, roads);
      for (const recording of recordings(world, roads, WARM_UP)) {
        await startByCallers(recording, WARM_UP.callers);
        await recording.allRan();
      }
      rounds.push(await runRound(world, roads, load));
    }
    return rounds;
  }

  async #onOneServer(load: Load, roads: readonly RoadName[]): Promise<Rounds> {
    await using world = await openWorld(this.#options, roads);
    const rounds: (readonly Measures[])[] = [];
    for (let round = 0; round <= this.#options.rounds; round += 1) {
      this.#sayRound(load, roads, round);
      rounds.push(await runRound(world, roads, load));
    }
    return rounds.slice(1);
  }

  #sayRound({ what }: Load, roads: readonly RoadName[], round: number): void {
    const which = round === 0 ? 'warm-up' : `round ${round} of ${this.#options.rounds}`;
    this.#options.say(`${what}, ${roads.join(' and ')}: ${which}`);
  }
}

async function runRound(world: World, roads: readonly RoadName[], load: Load): Promise<readonly Measures[]> {
  const recorded = recordings(world, roads, load.jobs);
  await load.run(recorded);
  return recorded.map(({ measures }) => measures);
}

function recordings(world: World, roads: readonly RoadName[], jobs: Load['jobs']): Recording[] {
  return world.roads.map((road, place) => {
    const name = roads[place];
    if (name === undefined) throw new Error('a world has a road that nobody asked for');
    return new Recording(world, road, jobs[ROADS[name].jobs]);
  });
}

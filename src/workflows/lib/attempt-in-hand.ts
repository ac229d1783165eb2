/** An attempt that is out: an activity of its own, or a place in a chunk. */
export interface AttemptInHand {
  /** Takes it out of its queue. @returns whether it is on its way back, or over; if not, a worker has it */
  withdraw(): Promise<boolean>;
  /** Asks its worker to end it; out of its queue it comes back at once. */
  stop(): void;
}

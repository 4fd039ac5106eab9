/** Receives how far a long loop is. */
export interface Progress {
  /**
   * Reports that `done` of `total` units are done.
   *
   * @param done Units finished so far.
   * @param total Units in all.
   * @param unit What is counted, in the plural: `tiles`, `transcripts`.
   */
  update(done: number, total: number, unit: string): void;
}

/** Reports to nobody. */
export const silentProgress: Progress = { update() {} };

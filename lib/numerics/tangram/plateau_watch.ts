/** When a loss counts as having stopped to fall. */
export interface Plateau {
  /** Epochs between two looks. */
  readonly window: number;
  /** Least fall from one look to the next, as a share of the fall since the first. */
  readonly tolerance: number;
}

/** Tells from the losses at each look whether a plateau is reached. */
export class PlateauWatch {
  readonly #tolerance: number;
  #first: number | undefined;
  #last = 0;

  /** Watches with these limits. */
  constructor({ tolerance }: Plateau) {
    this.#tolerance = tolerance;
  }

  /**
   * Adds the loss of another look.
   *
   * @returns Whether it has hardly fallen since the one before.
   */
  add(loss: number): boolean {
    const before = this.#last;
    this.#last = loss;
    if (this.#first === undefined) {
      this.#first = loss;
      return false;
    }
    return before - loss <= this.#tolerance * (this.#first - loss);
  }
}

/** Lowers a learning rate when a loss stops falling: torch's `ReduceLROnPlateau`, mode min, threshold 0. */
export class ReduceOnPlateau {
  readonly #factor: number;
  readonly #patience: number;
  #learningRate: number;
  #best = Infinity;
  #badEpochs = 0;

  /**
   * @param factor What the rate is multiplied by.
   * @param patience Epochs without a new best that are borne.
   */
  constructor(learningRate: number, factor: number, patience: number) {
    this.#learningRate = learningRate;
    this.#factor = factor;
    this.#patience = patience;
  }

  /** The rate of the next epoch. */
  get learningRate(): number {
    return this.#learningRate;
  }

  /** Adds an epoch's loss. */
  add(loss: number): void {
    if (loss < this.#best) {
      this.#best = loss;
      this.#badEpochs = 0;
    } else this.#badEpochs++;
    if (this.#badEpochs <= this.#patience) return;
    this.#badEpochs = 0;
    const lowered = this.#learningRate * this.#factor;
    // As torch: changes below 1e-8 are not made.
    if (this.#learningRate - lowered > 1e-8) this.#learningRate = lowered;
  }
}

/** Stops when a loss stops falling: lightning's `EarlyStopping`, mode min. */
export class EarlyStop {
  readonly #minDelta: number;
  readonly #patience: number;
  #best = Infinity;
  #waited = 0;

  /**
   * @param minDelta What counts as falling.
   * @param patience Epochs without that after which it stops.
   */
  constructor(minDelta: number, patience: number) {
    this.#minDelta = minDelta;
    this.#patience = patience;
  }

  /**
   * Adds an epoch's loss.
   *
   * @returns Whether to stop.
   */
  add(loss: number): boolean {
    if (loss + this.#minDelta < this.#best) {
      this.#best = loss;
      this.#waited = 0;
      return false;
    }
    return ++this.#waited >= this.#patience;
  }
}

/** How much the divergence counts in an epoch: it rises from 0 to 1. */
export function klWeightAt(epoch: number, warmupEpochs: number): number {
  return warmupEpochs > 0 && epoch < warmupEpochs ? epoch / warmupEpochs : 1;
}

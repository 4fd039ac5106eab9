/** Losses of each epoch, per row, as scvi-tools' `history` has them. */
export interface ScviLosses {
  /** What is minimised: reconstruction, and divergence by its weight in the epoch. */
  readonly loss: Float64Array;
  /** Reconstruction and whole divergence. */
  readonly elbo: Float64Array;
  /** Minus the log-likelihood. */
  readonly reconstruction: Float64Array;
  /** Divergence of the latent distributions from the standard normal one. */
  readonly klLocal: Float64Array;
  /** Always 0: there are no global latent variables. */
  readonly klGlobal: Float64Array;
}

/** What training went through. */
export interface ScviHistory {
  /** Epochs that were run. */
  readonly epochs: number;
  /** Learning rate of each epoch. */
  readonly learningRate: Float64Array;
  readonly train: ScviLosses;
  readonly validation: ScviLosses;
  /** Whether it ended before the last epoch since the validation's reconstruction fell no more. */
  readonly stoppedEarly: boolean;
}

/** Means over the rows of an epoch. */
export interface EpochLosses {
  readonly reconstruction: number;
  readonly klLocal: number;
}

/** Collects the losses of epochs. */
export class LossRecord {
  readonly #epochs: (EpochLosses & { readonly klWeight: number })[] = [];

  /** Adds an epoch. */
  add(losses: EpochLosses, klWeight: number): void {
    this.#epochs.push({ ...losses, klWeight });
  }

  /** All epochs. */
  finish(): ScviLosses {
    const column = (value: (epoch: EpochLosses & { klWeight: number }) => number) =>
      Float64Array.from(this.#epochs, value);
    return {
      loss: column(({ reconstruction, klLocal, klWeight }) => reconstruction + klWeight * klLocal),
      elbo: column(({ reconstruction, klLocal }) => reconstruction + klLocal),
      reconstruction: column(({ reconstruction }) => reconstruction),
      klLocal: column(({ klLocal }) => klLocal),
      klGlobal: new Float64Array(this.#epochs.length),
    };
  }
}

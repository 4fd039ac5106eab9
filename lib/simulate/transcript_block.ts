/** Transcripts of one field of view, column by column; grows as they are added. */
export class TranscriptBlock {
  /** How many there are. */
  length = 0;
  /** Row of the cell, -1 for none. */
  cell = new Int32Array(1024);
  /** Position in the list of features. */
  feature = new Uint16Array(1024);
  /** 1 if it lies in a nucleus. */
  inNucleus = new Uint8Array(1024);
  x = new Float32Array(1024);
  y = new Float32Array(1024);
  z = new Float32Array(1024);
  qv = new Float32Array(1024);
  nucleusDistance = new Float32Array(1024);

  /** Makes room for one more and returns its position. */
  add(): number {
    if (this.length === this.cell.length) this.#grow();
    return this.length++;
  }

  #grow(): void {
    const size = this.cell.length * 2;
    const grown = <T extends Int32Array | Uint16Array | Uint8Array | Float32Array>(
      old: T,
      fresh: T,
    ): T => {
      fresh.set(old);
      return fresh;
    };
    this.cell = grown(this.cell, new Int32Array(size));
    this.feature = grown(this.feature, new Uint16Array(size));
    this.inNucleus = grown(this.inNucleus, new Uint8Array(size));
    this.x = grown(this.x, new Float32Array(size));
    this.y = grown(this.y, new Float32Array(size));
    this.z = grown(this.z, new Float32Array(size));
    this.qv = grown(this.qv, new Float32Array(size));
    this.nucleusDistance = grown(this.nucleusDistance, new Float32Array(size));
  }
}

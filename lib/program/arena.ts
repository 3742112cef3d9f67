/**
 * One stretch of memory shared by values that live at different times.
 * @module
 */

/** Free stretches of an arena; the smallest that fits is taken, and the arena grows where none does. */
export class Arena {
  /** Elements so far. */
  size = 0;
  #free: { at: number; size: number }[] = [];

  /** A place for so many elements. */
  take(size: number): number {
    const fits = this.#free.filter((gap) => gap.size >= size);
    if (fits.length === 0) {
      const last = this.#free[this.#free.length - 1];
      const at = last && last.at + last.size === this.size ? last.at : this.size;
      if (at !== this.size) this.#free.pop();
      this.size = at + size;
      return at;
    }
    const gap = fits.reduce((best, next) => next.size < best.size ? next : best);
    const at = gap.at;
    gap.at += size;
    gap.size -= size;
    if (gap.size === 0) this.#free.splice(this.#free.indexOf(gap), 1);
    return at;
  }

  /** Gives a place back. */
  give(at: number, size: number): void {
    let i = this.#free.findIndex((gap) => gap.at > at);
    if (i < 0) i = this.#free.length;
    this.#free.splice(i, 0, { at, size });
    for (const j of [i, i - 1]) {
      const [a, b] = [this.#free[j], this.#free[j + 1]];
      if (a && b && a.at + a.size === b.at) {
        a.size += b.size;
        this.#free.splice(j + 1, 1);
      }
    }
  }
}

/** Work on the only thread that stops every now and then, so that whoever drives it may let others go before. */
export type Pieces<Result> = Generator<undefined, Result, undefined>;

/** Steps of some 50 ns: a piece takes a fraction of a millisecond. */
const stepsPerPiece = 4000;

/** Counts steps, and says when they are enough for a piece. */
export class Piece {
  #steps = 0;

  isDone(steps: number): boolean {
    this.#steps += steps;
    if (this.#steps < stepsPerPiece) return false;
    this.#steps = 0;
    return true;
  }
}

/** All of it at once. */
export function whole<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
  }
}

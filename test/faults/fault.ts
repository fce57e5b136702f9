/** A small fault that somebody could make, and the test that would notice it. */
export interface Fault {
  /** What users would lose. */
  readonly breaks: string;
  /** The file it is made in, below `src/`. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly right: string;
  /** What stands there instead once the fault is made. */
  readonly wrong: string;
  /** The file of the test, below `test/`. */
  readonly testFile: string;
  /** The name of a top-level test of that file that fails when the fault is made, and passes when it is not. */
  readonly testName: string;
}

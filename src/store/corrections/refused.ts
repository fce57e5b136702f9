/** Why a correction is not made. */

/** Says why a correction was not made, or not undone; nothing was changed. */
export class CorrectionRefused extends Error {
  override readonly name = 'CorrectionRefused';
  /** Whether it cannot be as things are, or what it makes is there, or what it names is not. */
  readonly why: 'invalid' | 'exists' | 'unknown';

  constructor(why: CorrectionRefused['why'], message: string) {
    super(message);
    this.why = why;
  }
}

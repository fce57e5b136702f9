/** Says that a face was not stored because the register has come to need embeddings of models that it has none of. */

/** Nothing was stored: the face needs embeddings of these models, too. */
export class ModelsMissing extends Error {
  override readonly name = 'ModelsMissing';
  /** Their digests. */
  readonly models: readonly string[];

  constructor(models: readonly string[]) {
    super('a face needs embeddings of more models');
    this.models = models;
  }
}

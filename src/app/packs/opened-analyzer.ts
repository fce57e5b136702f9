/** Face analysis as an application opens it. */
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import type { NamedPacks } from './named-packs.ts';

/** Face analysis that has to be closed. */
export interface OpenedAnalyzer extends FaceAnalyzer, AsyncDisposable {
  /** @throws the reason why no picture can be analysed at the moment. */
  check?(): void;
  /** How many processes analyse pictures, and how many were lost. */
  processes?(): { readonly present: number; readonly lost: number };
  /** The packs of the installation, by name; absent where there is one model alone. */
  readonly packs?: NamedPacks;
}

/** The port to face analysis: the bytes of a picture in, numbers about its faces out. */

/** An upright rectangle in pixels of the upright picture (EXIF orientation applied). */
export interface Box {
  /** Left edge. May be negative where a face leaves the picture. */
  readonly x: number;
  /** Top edge. May be negative where a face leaves the picture. */
  readonly y: number;
  /** Width, above 0. */
  readonly width: number;
  /** Height, above 0. */
  readonly height: number;
}

/** The attributes of one face, on the scales of docs/contract.md §3.1, FaceItem. */
export interface Attributes {
  /** 0 female to 100 male, an integer. */
  readonly gender: number;
  /** Years, an integer from 0 to 100. */
  readonly age: number;
  /** 0 normal, 50 smile, 100 laugh; an integer. */
  readonly expression: number;
  /** Whether the person wears glasses; sunglasses count. */
  readonly glass: boolean;
  /** Degrees from -30 to 30, positive with the chin up; an integer. */
  readonly pitch: number;
  /** Degrees from -30 to 30, positive with the nose to the picture's right; an integer. */
  readonly yaw: number;
  /** Degrees from -180 to 180, positive clockwise in the picture; an integer. */
  readonly roll: number;
}

/** The faults that make the recognition of a face unreliable. */
export type QualityFault = 'small' | 'blurred' | 'dark' | 'glaring' | 'turned' | 'covered';

/** How fit a face is for recognition. */
export interface Quality {
  /** 0 to 100, an integer: from 50 on it is good enough for most uses. */
  readonly score: number;
  /** Its first fault; absent from 50 on. */
  readonly fault?: QualityFault;
}

/** A point of the upright picture, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A face's contours (docs/contract.md §3.2, shape); "left" is the picture's left. */
export interface FaceShape {
  /** 21 points from the left ear over the chin to the right ear. */
  readonly profile: readonly Point[];
  /** 8 points: outer corner, lower edge, back along the upper. So the other eye and the brows. */
  readonly leftEye: readonly Point[];
  readonly rightEye: readonly Point[];
  readonly leftEyebrow: readonly Point[];
  readonly rightEyebrow: readonly Point[];
  /** 22 points: 12 outer ones from the left corner along the lower lip, then 10 inner ones likewise. */
  readonly mouth: readonly Point[];
  /** 13 points, the tip first. */
  readonly nose: readonly Point[];
}

/** The parts of the analysis of a face; each needs the networks that compute it. */
export interface FaceParts {
  readonly attributes: Attributes;
  /** Unit length, of the pack's dimension; comparable only with embeddings of the same {@link EmbeddingModel.model}. */
  readonly embedding: Float32Array;
  /** The aligned face as a small JPEG, stored so that a later model can embed it again. */
  readonly crop: Uint8Array;
  readonly shape: FaceShape;
  /** Measured by the built-in recogniser. It is computed only on request. */
  readonly quality: Quality;
  /** The embeddings that other models make of the face, those that the register keeps beside. Computed only on request. */
  readonly further: readonly ModelEmbedding[];
}

/** An embedding, and which model made it. */
export interface ModelEmbedding {
  readonly model: string;
  readonly embedding: Float32Array;
}

/** The name of a part. */
export type FacePart = keyof FaceParts;

/** An analysed face with the requested parts. */
export type AnalyzedFace<P extends FacePart = FacePart> = { readonly box: Box } & Pick<FaceParts, P>;

/** The analysis of one picture. */
export interface Analysis<P extends FacePart = FacePart> {
  /** Width of the upright picture in pixels. */
  readonly width: number;
  /** Height of the upright picture in pixels. */
  readonly height: number;
  /** As many faces as were requested, largest first. */
  readonly faces: readonly AnalyzedFace<P>[];
  /** The boxes of further faces, largest first. */
  readonly others: readonly Box[];
  /** Milliseconds by stage, waiting for a worker included as `queue`. */
  readonly timings: Readonly<Record<string, number>>;
}

/** How to analyse a picture. */
export interface AnalyzeOptions<P extends FacePart = FacePart> {
  /**
   * How many faces are analysed, from 1; of the others only the boxes are returned. More than one: the largest. One: the
   * face that is meant (docs/contract.md §3.1).
   */
  readonly facesMax: number;
  /**
   * Whether faces of 12 to 20 pixels are searched for too, in pictures of at most two megapixels whose faces are small or
   * missing. By default faces are reported from 20 pixels on.
   */
  readonly tinyFaces?: boolean | undefined;
  /** The parts to compute; by default all but quality, further embeddings and raw attributes. */
  readonly parts?: readonly P[] | undefined;
  /** Cancels the analysis: a picture that waits is dropped, and the result of one in work is discarded. */
  readonly signal?: AbortSignal | undefined;
  /** On whose behalf: pictures of one party are taken in the order they came, and the parties that wait take turns. */
  readonly party?: string | undefined;
  /** Whether it waits until no other picture does. */
  readonly isBackground?: boolean | undefined;
  /** Called when a worker has taken the picture: its bytes are then held until it is analysed, for as many as there are workers. */
  readonly onTaken?: (() => void) | undefined;
}

/** Which embeddings an analyzer makes: those of two models are never compared. */
export interface EmbeddingModel {
  /** Digest of the weights and the preprocessing that make the embeddings. */
  readonly model: string;
  /** How many numbers an embedding has. */
  readonly dimension: number;
}

/** The result of comparing two faces: two facts, neither of which follows from the other. */
export interface Likeness {
  /**
   * The evidence that the faces are one person's, against that they are strangers': one pair of strangers in a thousand,
   * ten thousand and a hundred thousand reaches 70, 80 and 90. It is not cut off at 0 and 100.
   */
  readonly score: number;
  /** Whether the faces are almost the same picture: one photograph, copied or edited. */
  readonly samePicture: boolean;
}

/** What two embeddings tell. */
export interface EmbeddingLikeness {
  /** As in {@link Likeness}. */
  readonly score: number;
  /** Whether the faces may be of one photograph, which only their crops can tell: no copy is without it. */
  readonly mayBeCopy: boolean;
}

/** What the cosines of a model's embeddings mean. */
export interface ScoreScale {
  /** How alike two embeddings of the model are. */
  compare(a: Float32Array, b: Float32Array): EmbeddingLikeness;
  /** The score of a cosine that was computed elsewhere; it never falls as the cosine rises. */
  scoreOf(cosine: number): number;
}

/** Tells copies of a photograph from other photographs of the person. */
export interface CopyDetector {
  /**
   * Whether each of some faces is of the same photograph as a face, however edited.
   * @param crop as in {@link FaceParts}; so are the others.
   * @returns as many answers as there are others, or fewer if only the first copy was asked for.
   * @throws Refusal as {@link FaceAnalyzer.analyze} does.
   */
  areCopies(crop: Uint8Array, others: readonly Uint8Array[], options?: CompareOptions): Promise<readonly boolean[]>;
}

/** How to compare crops. */
export interface CompareOptions extends Pick<AnalyzeOptions, 'signal' | 'party' | 'isBackground' | 'onTaken'> {
  /** Whether the first copy ends it: what comes after that one is not compared, and not answered. */
  readonly untilFirst?: boolean | undefined;
}

/** The port to face analysis. */
export interface FaceAnalyzer extends EmbeddingModel, ScoreScale, CopyDetector {
  /**
   * Makes embeddings of more models from a crop. Absent where there is one model alone.
   * @param models their digests.
   * @throws Refusal as {@link analyze} does; Error if there is no such model.
   */
  embedCrop?(
    crop: Uint8Array,
    models: readonly string[],
    options?: Pick<AnalyzeOptions, 'signal' | 'party'>,
  ): Promise<readonly ModelEmbedding[]>;
  /**
   * Analyses one picture. The {@link Analysis} of a picture without a face has no faces.
   * @param picture the encoded picture; it is handed over: the caller must not touch it again.
   * @throws Refusal `formatInvalid`, `decodeFailed`, `featureFailed` and the other codes of the −1100 family;
   *   `tooManyRequests` when the queue is full.
   */
  analyze<P extends FacePart>(picture: Uint8Array, options: AnalyzeOptions<P>): Promise<Analysis<P>>;
}

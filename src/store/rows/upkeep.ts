/** The rows of packs of networks and copies of the register. */

/** A model pack whose embeddings the register keeps. */
export interface PackRow {
  name: string;
  /** Digest of the model; null until a server has started with the pack. */
  model: string | null;
  /** One is in use; one at most is prepared to be; others are kept, so that it is possible to go back to them. */
  state: 'in use' | 'preparing' | 'kept';
  /** 1 if no face is stored any more without an embedding of this pack. */
  required: number;
  /** When the pack came to be in use, in milliseconds since 1970 by the database's clock. */
  since: number;
  /** How far an upgrade to the pack is; null if none is under way. */
  phase: 'asked' | 'converting' | 'complete' | 'paused' | 'failed' | null;
  /** When the phase began to be `asked`, in milliseconds since 1970 by the database's clock, as the next ones. */
  asked_at: number;
  /** When faces began to be converted, and when it was told last how many are. */
  started_at: number;
  told_at: number;
  /** Transactions before this one may not know that the pack is required; null until it is known which. */
  epoch: number | null;
  /** 1 once servers may have read the embeddings: what is added later is told by the change feed. */
  was_complete: number;
  /** 1 if faces that cannot be converted are to be left without an embedding. */
  leaves_failed: number;
  /** The server that converts faces. */
  worker: string;
  /** Until when no other one does. */
  worker_until: number;
  /** Faces with an embedding of the pack. */
  done: number;
  /** The same when the conversion began. */
  done_at_start: number;
  /** All faces. */
  total: number;
  /** Why the upgrade failed; empty if it did not. */
  message: string;
}

/** What a server says of a pack to which an upgrade is under way. */
export interface PackReportRow {
  server: string;
  pack: string;
  /** When it said so, in milliseconds since 1970 by the database's clock. */
  seen_at: number;
  state: 'able' | 'ready' | 'failed';
  message: string;
}

/** A face that could not be converted for a model, and why. */
export interface UnconvertedFaceRow {
  appid: string;
  face_id: string;
  model: string;
  reason: string;
}

/** What a register knows of a copy: one row as the register that is copied, one as the one that is made. */
export interface CopyRow {
  role: 'from' | 'to';
  /** Tells the copy from others. */
  id: string;
  /** The other register, without a password. */
  other: string;
  /** `moved`: it was copied, and is not to be used any more. */
  state: 'copying' | 'moved';
  /** When the copy gave a sign, in milliseconds since 1970. */
  seen_at: number;
}

/** How far the persons of an appid are copied; in the register that is made. */
export interface CopiedAppidRow {
  appid: string;
  /** Changes up to this one are made. */
  position: number;
  /** The person up to whom all were gone through. */
  after: string;
  /** 1 if all were. */
  is_whole: number;
}

/** What is used here of a package without types. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  /** A decoder with buffers of its own, which lie in the memory of its module and move when that grows. */
  interface JpegDecoder {
    /** Where the file is to be put. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Decodes the file to red, green and blue. Throws a number for what libjpeg-turbo refuses or warns of. */
    decode(): void;
    getDecodedBuffer(): Uint8ClampedArray<ArrayBuffer>;
  }
  /** Compiles the module. */
  export default function compile(): Promise<{ readonly JPEGDecoder: new () => JpegDecoder }>;
}

/** A part of the code whose tests are measured, and which tests those are. Edit this table when folders change. */
export interface MeasuredLayer {
  /** What it is called on the page and on the command line. */
  readonly name: string;
  /** Patterns of the files that are mutated. */
  readonly sources: readonly string[];
  /** Patterns of files among them that are not. */
  readonly except?: readonly string[];
  /** Patterns of the test files that may notice a mutant; they are quick enough to run once for each. */
  readonly tests: readonly string[];
  /** The share of mutants that tests must notice, in percent. */
  readonly goal: number;
}

/** The measured layers, in the order of the page. */
export const measuredLayers: readonly MeasuredLayer[] = [
  { name: 'auth', sources: ['src/auth/**/*.ts'], tests: ['test/auth/**/*.test.ts'], goal: 85 },
  {
    name: 'contract',
    sources: ['src/contract/**/*.ts'],
    tests: ['test/contract/*.test.ts', 'test/docs/{openapi,words}.test.ts', 'test/http/**/*.test.ts'],
    goal: 85,
  },
  { name: 'domain', sources: ['src/domain/**/*.ts'], tests: ['test/domain/**/*.test.ts'], goal: 85 },
  {
    name: 'store',
    sources: ['src/store/**/*.ts'],
    except: ['src/store/dialects/postgres/**'],
    tests: ['test/store/**/*.test.ts'],
    goal: 85,
  },
  {
    name: 'postgres',
    sources: ['src/store/dialects/postgres/**/*.ts'],
    tests: ['test/postgres/**/*.test.ts'],
    goal: 85,
  },
  { name: 'sync', sources: ['src/sync/**/*.ts'], tests: ['test/sync/**/*.test.ts'], goal: 85 },
  {
    name: 'http',
    sources: ['src/http/**/*.ts'],
    tests: ['test/http/**/*.test.ts', 'test/contract/*.test.ts'],
    goal: 85,
  },
  { name: 'search', sources: ['src/search/**/*.ts'], tests: ['test/search/**/*.test.ts'], goal: 75 },
  {
    name: 'vision',
    sources: ['src/vision/**/*.ts'],
    except: ['src/vision/models/**', '**/*.as.ts'],
    // Not those that start servers, whose processes may not read what counts the lines that are reached.
    tests: [
      'test/vision/!(analyzer|analyzer-processes|optimised|telemetry).test.ts',
      'test/vision/kernels/**/*.test.ts',
      'test/packs/!(switch).test.ts',
    ],
    goal: 60,
  },
];

/** The mutants of a source file, from Stryker's instrumenter, which decides what is worth changing and where. */
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { ignorers } from './rules.ts';

/** A small change of a source file. */
export interface Mutant {
  /** The file, from the project's folder. */
  readonly file: string;
  /** Its number within the file. */
  readonly id: number;
  /** What kind of change it is, in Stryker's words. */
  readonly mutator: string;
  /** Where the changed text begins and ends, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The start as line and column, both from 1. */
  readonly line: number;
  readonly column: number;
  /** The original text. */
  readonly original: string;
  /** The text that replaces it. */
  readonly replacement: string;
  /** The rule that leaves it out. */
  readonly ignoredBy?: string;
}

/** A source file with its mutants. */
export interface MutatedFile {
  readonly file: string;
  readonly text: string;
  readonly mutants: readonly Mutant[];
  /**
   * The file's text in which each place that can be mutated calls `cover` when it runs.
   * @param header declares `stryCov_9fa48(…ids)`.
   */
  readonly instrumented: (header: string) => string;
}

const nothing = (): void => {};
const never = (): boolean => false;
const silent = {
  ...{ isTraceEnabled: never, isDebugEnabled: never, isInfoEnabled: never },
  ...{ isWarnEnabled: never, isErrorEnabled: never, isFatalEnabled: never },
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
};

/** Finds the mutants of a file. */
export async function findMutants(file: string, text: string): Promise<MutatedFile> {
  const { mutants, files } = await new Instrumenter(silent).instrument([{ name: file, content: text, mutate: true }], {
    plugins: null,
    excludedMutations: [],
    ignorers,
    noHeader: true,
  });
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offsetOf = ({ line, column }: { line: number; column: number }) => (lineStarts[line] ?? 0) + column;
  return {
    file,
    text,
    mutants: mutants.map(({ id, mutatorName, location, replacement, statusReason }) => {
      const [start, end] = [offsetOf(location.start), offsetOf(location.end)];
      return {
        ...{ file, id: Number(id), mutator: mutatorName, start, end },
        ...{ line: location.start.line + 1, column: location.start.column + 1 },
        original: text.slice(start, end),
        replacement,
        ...(statusReason !== undefined && { ignoredBy: statusReason }),
      };
    }),
    instrumented: (header) => `${header}\nfunction stryMutAct_9fa48() { return false; }\n${files[0]?.content ?? ''}`,
  };
}

/** The file's text with the mutant in it. */
export function mutate(text: string, { mutator, start, end, original, replacement }: Mutant): string {
  // The replacement was a node of the syntax tree; as text it may need parentheses.
  const loose = ['LogicalOperator', 'MethodExpression', 'UnaryOperator'].includes(mutator) || original.startsWith('!');
  return `${text.slice(0, start)}${loose ? `(${replacement})` : replacement}${text.slice(end)}`;
}

/** The mutant in one line. */
export function describe({ file, line, column, mutator, original, replacement }: Mutant): string {
  const short = (code: string): string => {
    const flat = code.replace(/\s+/g, ' ');
    return flat.length > 100 ? `${flat.slice(0, 60)} … ${flat.slice(-36)}` : flat;
  };
  return `${file}:${line}:${column} ${mutator}: ${short(original)} → ${short(replacement) || 'nothing'}`;
}

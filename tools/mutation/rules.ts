/** The rules by which mutants are left out. The list is short, and shown on the page. */
import type { Instrumenter } from '@stryker-mutator/instrumenter';

/** What the instrumenter asks before it mutates a place. */
type Ignorer = Parameters<Instrumenter['instrument']>[1]['ignorers'][number];

/** A place in the syntax tree, as far as the rules need it (a part of Babel's `NodePath`). */
interface Place {
  readonly node: Syntax;
  readonly parentPath: Place | null;
  /** The name of the parent's list that contains the place, such as `arguments`. */
  readonly listKey?: string;
  /** The position in that list. */
  readonly key?: number | string;
}

/** A node of the syntax tree. */
interface Syntax {
  readonly type: string;
  readonly value?: unknown;
  readonly name?: string;
  readonly callee?: Syntax;
  readonly object?: Syntax;
  readonly property?: Syntax;
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
}

/** A kind of mutant that is left out. */
interface Rule {
  /** What is left out, and why, for the page. */
  readonly about: string;
  readonly holds: (place: Place) => boolean;
}

/** The rules. */
export const rules: readonly Rule[] = [
  {
    about:
      'The text of an error: a string inside `throw`, or an argument of `new …Error` or `new Refusal`. A refusal’s name, which decides its code, is mutated.',
    holds: (place) => isText(place) && isErrorText(place),
  },
  {
    about:
      'The message of a log line: a string among the arguments of `log.info` and its like. Its fields are mutated.',
    holds: (place) => isText(place) && isCallOf(place.parentPath, isLog),
  },
  {
    about:
      'Sentences for readers: a string with a space in it that begins with a capital and ends with a full stop. They become pages, and `npm run check` compares those.',
    holds: (place) => /^[A-Z].* .*\.$/s.test(textOf(place.node)),
  },
];

/** The rules as the instrumenter takes them. */
export const ignorers: Ignorer[] = rules.map(({ about, holds }) => ({
  shouldIgnore: (path) => (holds(path as Place) ? about : undefined),
}));

function isText({ node }: Place): boolean {
  return node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
}

function textOf(node: Syntax): string {
  if (node.type === 'StringLiteral') return String(node.value);
  return node.quasis?.map(({ value }) => value.raw).join('…') ?? '';
}

/**
 * Whether a text becomes part of an error's message: an enclosing expression or statement throws it or makes an error
 * of it.
 */
function isErrorText(place: Place): boolean {
  let at: Place | null = place;
  while (at !== null && !/Function|Block/.test(at.node.type)) {
    const parent: Place | null = at.parentPath;
    if (parent?.node.type === 'NewExpression' && at.listKey === 'arguments') {
      const made = parent.node.callee?.name ?? '';
      if (made === 'Refusal') return at.key !== 0;
      if (made.endsWith('Error')) return true;
    }
    if (at.node.type === 'ThrowStatement') return true;
    at = parent;
  }
  return false;
}

function isCallOf(place: Place | null, isCallee: (callee: Syntax) => boolean): boolean {
  return place?.node.type === 'CallExpression' && place.node.callee !== undefined && isCallee(place.node.callee);
}

function isLog({ type, object, property }: Syntax): boolean {
  if (type !== 'MemberExpression' || !/^(trace|debug|info|warn|error)$/.test(property?.name ?? '')) return false;
  return object?.name === 'log' || object?.property?.name === 'log';
}

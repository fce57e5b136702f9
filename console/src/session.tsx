/** Who is signed in. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Output } from './api/call.ts';

/** Somebody who is signed in. */
export type Operator = Output<'session.show'>['operator'];

/** Who is signed in; undefined outside of {@link Operator}'s pages. */
export const OperatorContext = createContext<Operator | undefined>(undefined);

/** Who is signed in. @throws Error on a page for nobody. */
export function useOperator(): Operator {
  const operator = useContext(OperatorContext);
  if (operator === undefined) throw new Error('nobody is signed in');
  return operator;
}

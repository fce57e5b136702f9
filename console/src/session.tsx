/** Who is signed in. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Output } from './api/call.ts';

/** Somebody who is signed in. */
export type Operator = Output<'session.show'>['operator'];

/** Who is signed in; undefined on the pages for anybody. */
export const OperatorContext = createContext<Operator | undefined>(undefined);

/** Who is signed in. @throws Error on a page for nobody. */
export function useOperator(): Operator {
  const operator = useContext(OperatorContext);
  if (operator === undefined) throw new Error('nobody is signed in');
  return operator;
}

const roles: readonly Operator['role'][] = ['reader', 'editor', 'owner'];

/**
 * Whether the server lets an operator do what takes this role; what it would refuse is not offered.
 * @param appid what it is about; null for the installation.
 */
export function isGranted(operator: Operator, role: Operator['role'], appid: string | null): boolean {
  return roles.indexOf(operator.role) >= roles.indexOf(role) && (operator.appid === null || operator.appid === appid);
}

/** Calls of the operator's API from components: what was asked for is kept, and asked for again after a change. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import {
  CallError,
  call,
  forgeryTokenOf,
  type Input,
  type OperationName,
  type Output,
  type PictureOperationName,
  type Pictures,
} from './call.ts';
import { expireSession, noteSession, takeOverSession } from './session.ts';

/** Whether a page waits until somebody signs in again, and asks for nothing meanwhile. */
export const PausedContext = createContext(false);

/** What a component sees of a question. */
export interface Asked<T> {
  /** Undefined until it is there. */
  readonly data: T | undefined;
  readonly error: CallError | undefined;
}

/** Asks for something that changes nothing. */
export function useAnswer<N extends OperationName>(
  name: N,
  input: Input<N>,
  options: { readonly enabled?: boolean; readonly refetchInterval?: number } = {},
): Asked<Output<N>> {
  const isPaused = useContext(PausedContext);
  const { data, error } = useQuery({
    queryKey: [name, input],
    queryFn: () => answerOf(name, input),
    ...options,
    ...(isPaused && { enabled: false }),
  });
  return { data: data as Output<N> | undefined, error: (error as CallError | null) ?? undefined };
}

async function answerOf<N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>> {
  const answer = await ask(name, input);
  if (name === 'session.show') noteSession(answer as Output<'session.show'>);
  return answer;
}

/** Asks; if the session is over, whoever shows it hears of that. @throws CallError. */
async function ask<N extends OperationName>(
  name: N,
  input: Input<N>,
  pictures?: Pictures<N>,
  signal?: AbortSignal,
): Promise<Output<N>> {
  const sent = forgeryTokenOf();
  try {
    return await call(name, input, pictures, signal);
  } catch (error) {
    if (!(error instanceof CallError) || name.startsWith('session.')) throw error;
    if (error.code === 'signIn') expireSession();
    // Nothing was done yet, and this tab does not know of a session that another one has begun.
    if (error.code === 'forbidden' && (await takeOverSession(sent))) return call(name, input, pictures, signal);
    throw error;
  }
}

/** Asks for what changes something: if no answer comes, it is not known whether it was done. @throws CallError. */
function order<N extends OperationName>(...asked: Parameters<typeof ask<N>>): Promise<Output<N>> {
  return ask<N>(...asked).catch((error: Error) => {
    throw error instanceof CallError && error.code === 'offline' ? new CallError('unanswered', error.message) : error;
  });
}

/**
 * Has something done with pictures.
 * @throws CallError; `slowDown` may be tried again a little later.
 */
export function sendPictures<N extends PictureOperationName>(
  name: N,
  input: Input<N>,
  pictures: Pictures<N>,
  signal?: AbortSignal,
): Promise<Output<N>> {
  return order(name, input, pictures, signal);
}

/** An operation that a component can have done. */
export interface Doing<N extends OperationName> {
  /** Does it, and then what follows. */
  readonly run: (input: Input<N>, then?: (output: Output<N>) => void) => void;
  readonly isBusy: boolean;
  readonly error: CallError | undefined;
}

/** Has something done. What was asked for before is asked for again. */
export function useOperation<N extends OperationName>(name: N): Doing<N> {
  const client = useQueryClient();
  const { mutateAsync, isPending, error } = useMutation<Output<N>, CallError, Input<N>>({
    mutationFn: (input) => order(name, input),
    onSuccess: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session.show' }),
  });
  return {
    // What follows does so even if the component is gone by then, because of what was done: as a person who has another id now.
    run: (input, then) =>
      void mutateAsync(input).then(
        (output) => then?.(output),
        () => {},
      ),
    isBusy: isPending,
    error: error ?? undefined,
  };
}

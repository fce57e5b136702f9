/** Calls of the operator's API from components: what was asked for is kept, and asked for again after a change. */
import { QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import {
  CallError,
  call,
  type Input,
  type OperationName,
  type Output,
  type PictureOperationName,
  type Pictures,
} from './call.ts';

/** Answers that are kept; each operation that changes something makes them old. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => error instanceof CallError && error.code === 'offline' && count < 2,
    },
    // What was sent and answered may be a password or a SecretKey, and is not kept.
    mutations: { gcTime: 0 },
  },
});

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
  const { data, error } = useQuery({ queryKey: [name, input], queryFn: () => answerOf(name, input), ...options });
  return { data: data as Output<N> | undefined, error: (error as CallError | null) ?? undefined };
}

/** The answer; if the session is over, whoever shows it hears of that. */
async function answerOf<N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>> {
  try {
    return await call(name, input);
  } catch (error) {
    if (error instanceof CallError && error.code === 'signIn' && name !== 'session.show') endSession();
    throw error;
  }
}

/**
 * Has something done with pictures; if the session is over, whoever shows it hears of that.
 * @throws CallError; `slowDown` may be tried again a little later.
 */
export async function sendPictures<N extends PictureOperationName>(
  name: N,
  input: Input<N>,
  pictures: Pictures<N>,
  signal?: AbortSignal,
): Promise<Output<N>> {
  try {
    return await call(name, input, pictures, signal);
  } catch (error) {
    if (error instanceof CallError && error.code === 'signIn') endSession();
    throw error;
  }
}

/** Forgets all that was answered, and who is signed in. */
export function endSession(): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session.show' });
  void queries.resetQueries({ queryKey: ['session.show'] });
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
    mutationFn: (input) => call(name, input),
    onSuccess: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session.show' }),
    onError: ({ code }) => {
      if (code === 'signIn' && !name.startsWith('session.')) endSession();
    },
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

/** Answers that are kept; each operation that changes something makes them old. */
import { QueryClient } from '@tanstack/preact-query';
import { CallError } from './call.ts';

/** How often a server that cannot be reached is asked again, in milliseconds. */
const askedAgainMs = 3_000;

/** Answers that are kept. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A server on this machine is reached without a network.
      networkMode: 'always',
      retry: false,
      refetchInterval: ({ state }) => isOffline(state.error) && askedAgainMs,
    },
    // What was sent and answered may be a password or a SecretKey, and is not kept.
    mutations: { gcTime: 0, networkMode: 'always' },
  },
});

function isOffline(error: Error | null): boolean {
  return error instanceof CallError && error.code === 'offline';
}

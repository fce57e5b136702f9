/** Endpoints that clients call and the server does not have yet. Must be empty in the end; a test sees to it. */
export const awaited: ReadonlySet<string> = new Set<string>();

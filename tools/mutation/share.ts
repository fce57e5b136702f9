/** Distributes work among workers, each of which does one piece at a time. */
export async function share<Worker, Piece>(
  workers: readonly Worker[],
  pieces: Iterable<Piece>,
  work: (worker: Worker, piece: Piece) => Promise<void>,
): Promise<void> {
  const rest = pieces[Symbol.iterator]();
  await Promise.all(
    workers.map(async (worker) => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) await work(worker, next.value);
    }),
  );
}

/** Has the next item of a sequence made while the one before is worked on. */

/** The same items; each is asked for before the one before it is given out. */
export async function* readAhead<T>(items: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    let next = items.next();
    for (let item = await next; !item.done; item = await next) {
      next = items.next();
      // Whoever goes on hears of its failure; whoever does not need not.
      next.catch(() => {});
      yield item.value;
    }
  } finally {
    await items.return();
  }
}

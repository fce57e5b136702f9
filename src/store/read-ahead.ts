/** Produces the next item of a sequence while the caller works on the one before. */

/** Yields the same items; each is requested before the one before it is handed out. */
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

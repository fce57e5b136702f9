/** Writes lines gathered: to write each by itself takes longer than much of what the lines tell of. */

/** How long a line may wait for others, in milliseconds. */
const waitMs = 10;
/** So many characters are written at once, however long they have waited. */
const gatheredMax = 32_768;

/**
 * An output whose lines are gathered. A line that comes after a pause is written at once; those that come soon after it are
 * written together, and at the latest when the process ends. A process that is killed loses the lines of its last
 * {@link waitMs} milliseconds.
 * @param atEnd has something done when the process ends.
 */
export function gatherLines(
  output: { write(text: string): unknown },
  atEnd: (task: () => void) => void = (task) => void process.once('exit', task),
): { write(line: string): void } {
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;
  let isToEnd = false;
  const flush = (): void => {
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    output.write(text);
  };
  // What is still to be written is no reason to go on: it is written at the end.
  const wait = (): NodeJS.Timeout => setTimeout(afterWait, waitMs).unref();
  const afterWait = (): void => {
    timer = gathered === '' ? undefined : wait();
    flush();
  };
  return {
    write(line) {
      gathered += line;
      if (timer !== undefined && gathered.length < gatheredMax) return;
      flush();
      timer ??= wait();
      if (isToEnd) return;
      isToEnd = true;
      atEnd(flush);
    },
  };
}

/** Leads who turns a page of a list to its beginning, and who listens to a page, too. */
import { type MutableRef, useEffect, useRef } from 'preact/hooks';

/**
 * Moves the focus to an element when another page is asked for, and not at first.
 * @param page tells one page from another.
 */
export function useTurning(page: string | undefined): MutableRef<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const shown = useRef(page);
  useEffect(() => {
    // The answer comes later than the question: the element is there once it has.
    if (shown.current === page || element.current === null) return;
    shown.current = page;
    element.current.focus();
    element.current.scrollIntoView({ block: 'nearest' });
  });
  return element;
}

/** Leads who turns a page of a list, or opens another page, to its beginning, and who listens to it, too. */
import { type MutableRef, useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'wouter-preact';

/** How far down the reader was on each address, in pixels. The browser itself goes there before the page is. */
const places = new Map<string, number>();
/** Where the reader was on the address that the browser went back or forward to. */
let returningTo: number | undefined;
/** For how many frames a page may grow until it is long enough to return to a place on it: about a second. */
const framesMax = 60;
history.scrollRestoration = 'manual';
addEventListener('scroll', () => places.set(location.hash, scrollY), { passive: true });
addEventListener('popstate', () => {
  returningTo = places.get(location.hash) ?? 0;
});

function returnTo(top: number, frames = framesMax): void {
  const { scrollHeight } = document.documentElement;
  if (scrollHeight - innerHeight >= top || frames === 0) scrollTo(0, top);
  else requestAnimationFrame(() => returnTo(top, frames - 1));
}

/** The page of a path; the pages of a list are one of it. */
function pageOf(path: string): string {
  return path.replace(/\/page\/.*$/, '');
}

/** Begins another page at its top, with the focus in it. @param main what pages are shown in. */
export function useArriving(main: MutableRef<HTMLElement | null>): void {
  const [location] = useLocation();
  const shown = useRef(pageOf(location));
  useEffect(() => {
    const isOther = shown.current !== pageOf(location);
    shown.current = pageOf(location);
    const place = returningTo;
    returningTo = undefined;
    if (place !== undefined) return returnTo(place);
    if (!isOther) return;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);
}

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

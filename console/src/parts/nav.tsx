/** Rows of links to pages. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link, useRoute } from 'wouter-preact';
import { useWords } from '../text/language.tsx';
import type { TextName } from '../text/texts.ts';

/** A row; on a narrow screen it scrolls by itself. */
export function NavList({ children }: { readonly children: ComponentChildren }) {
  return <ul class="pages">{children}</ul>;
}

interface NavItemProps {
  readonly path: string;
  readonly name: TextName;
  /** Whether what lies under its path are pages of their own. */
  readonly isAlone?: boolean;
}

/** A link, which says whether its page is the one that is seen. */
export function NavItem({ path, name, isAlone = path === '/' }: NavItemProps) {
  const { t } = useWords();
  const [isHere] = useRoute(isAlone ? path : `${path}/*?`);
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const row = item.current?.parentElement;
    if (!isHere || !row || row.scrollWidth <= row.clientWidth) return;
    // The row alone: the page stays where it is.
    row.scrollLeft = item.current!.offsetLeft - row.offsetLeft - row.clientWidth / 3;
  }, [isHere]);
  return (
    <li ref={item}>
      <Link href={path} {...(isHere && { 'aria-current': 'page' as const })}>
        {t(name)}
      </Link>
    </li>
  );
}

/** A button that opens a window over the page. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** @param children what is in it, made anew each time that it opens; given what closes it. */
export function DialogButton({
  label,
  children,
}: {
  readonly label: string;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  // It is shown when its content is there: the browser then puts the focus into it.
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  return (
    <>
      <button type="button" class="secondary small" onClick={() => setOpen(true)}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={label} onClose={() => setOpen(false)}>
        {isOpen && <article>{children(() => dialog.current?.close())}</article>}
      </dialog>
    </>
  );
}

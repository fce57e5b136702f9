/** A button that opens a window over the page. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../text/language.tsx';

/** @param children what is in it, made anew each time that it opens; given what closes it. */
export function DialogButton({
  label,
  isDanger = false,
  children,
}: {
  readonly label: string;
  /** Whether what it leads to cannot be taken back. */
  readonly isDanger?: boolean;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  // How often it was opened since it was closed; 0 while it is closed.
  const [opened, setOpened] = useState(0);
  // It is shown when its content is there: the browser then puts the focus into it.
  useLayoutEffect(() => {
    if (opened > 0 && dialog.current?.open === false) dialog.current.showModal();
  }, [opened]);
  // The event comes a little late: the window may be open again by then.
  const onClose = () => {
    if (dialog.current?.open === false) setOpened(0);
  };
  return (
    <>
      <button type="button" class={isDanger ? 'danger small' : 'secondary small'} onClick={() => setOpened(opened + 1)}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={label} onClose={onClose}>
        {opened > 0 && <article key={opened}>{children(() => dialog.current?.close())}</article>}
      </dialog>
    </>
  );
}

/** The buttons at the end of a form in a dialog. */
export function DialogEnd({
  label,
  isBusy,
  close,
}: {
  readonly label: string;
  readonly isBusy: boolean;
  readonly close: () => void;
}) {
  const { t } = useWords();
  return (
    <footer>
      <button type="button" class="secondary" onClick={close}>
        {t('cancel')}
      </button>
      <button type="submit" disabled={isBusy}>
        {label}
      </button>
    </footer>
  );
}

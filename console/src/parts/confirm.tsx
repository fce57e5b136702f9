/** A button that asks before it does something that cannot be undone. */
import type { CallError } from '../api/call.ts';
import { useWords } from '../text/language.tsx';
import { DialogButton } from './dialog.tsx';
import { ErrorNote } from './notes.tsx';

/** @param says a plain sentence of what will be. */
export function Confirm({
  label,
  says,
  error,
  isBusy,
  isDanger = false,
  onConfirm,
}: {
  readonly label: string;
  readonly says: string;
  readonly error: CallError | undefined;
  readonly isBusy: boolean;
  /** Whether it erases or ends something for good. */
  readonly isDanger?: boolean;
  /** Called with what closes the question. */
  readonly onConfirm: (close: () => void) => void;
}) {
  const { t } = useWords();
  return (
    <DialogButton label={label} isDanger={isDanger}>
      {(close) => (
        <>
          <p>{says}</p>
          <ErrorNote error={error} />
          <footer>
            <button type="button" class="secondary" onClick={close}>
              {t('cancel')}
            </button>
            <button type="button" class={isDanger ? 'danger' : ''} disabled={isBusy} onClick={() => onConfirm(close)}>
              {label}
            </button>
          </footer>
        </>
      )}
    </DialogButton>
  );
}

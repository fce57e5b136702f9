/** Says that a password is about to go over the network as it is. */
import { useWords } from '../text/language.tsx';

/** Nothing over https, or on the machine itself. */
export function PlainNote() {
  const { t } = useWords();
  if (isSecureContext) return null;
  return <p class="error">{t('signIn.plain')}</p>;
}

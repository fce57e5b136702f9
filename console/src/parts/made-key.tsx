/** A key in the only moment in which its SecretKey is shown. */
import type { Output } from '../api/call.ts';
import { useWords } from '../text/language.tsx';
import { Fact, Facts } from './notes.tsx';

/** @param onClose when it was kept. */
export function MadeKey({ of, onClose }: { readonly of: Output<'keys.add'>; readonly onClose: () => void }) {
  const { t } = useWords();
  return (
    <section class="made" role="status">
      <p>{t('key.once')}</p>
      <Facts>
        <Fact name="key.secretId">
          <code>{of.secretId}</code>
        </Fact>
        <Fact name="key.secretKey">
          <code>{of.secretKey}</code>
        </Fact>
      </Facts>
      <button type="button" class="secondary" onClick={onClose}>
        {t('key.kept')}
      </button>
    </section>
  );
}

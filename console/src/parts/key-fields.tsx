/** What may be said of a key: its name, what it may call and when it expires. For one that is made, and one that is changed. */
import { useState } from 'preact/hooks';
import type { Input, Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';
import { dayOf } from '../time.ts';
import { DialogButton, DialogEnd } from './dialog.tsx';
import { ErrorNote } from './notes.tsx';

type Key = Output<'keys.list'>['keys'][number];
type KeyWords = Omit<Input<'keys.set'>, 'appid' | 'secretId'>;

/** The choice of what is marked in the list of endpoints. */
const chosen = 'chosen';

/** The fields of a form; `of` is what they show at first. */
export function KeyFields({ of }: { readonly of?: Key | undefined }) {
  const { t } = useWords();
  return (
    <>
      <label>
        {t('key.name')}
        <input name="name" defaultValue={of?.name ?? ''} />
      </label>
      <EndpointFields first={of?.endpoints} />
      <label>
        {t('key.expires')}
        <input name="expires" type="date" defaultValue={dayOfExpiry(of)} />
      </label>
    </>
  );
}

/** All endpoints, a set of them, or those that are marked. */
function EndpointFields({ first }: { readonly first: readonly string[] | undefined }) {
  const { t } = useWords();
  const [choice, choose] = useState(first === undefined ? 'all' : chosen);
  const { data } = useAnswer('keys.endpointSets', {});
  return (
    <>
      <label>
        {t('key.endpoints')}
        <select name="endpoints" value={choice} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="all">{t('key.all')}</option>
          {Object.entries(data?.sets ?? {}).map(([set, members]) => (
            <option key={set} value={set}>
              {`${set} (${members.join(', ')})`}
            </option>
          ))}
          <option value={chosen}>{t('key.chosen')}</option>
        </select>
      </label>
      {choice === chosen && (
        <fieldset class="endpoints">
          <legend>{t('key.chosen')}</legend>
          {data?.endpoints.map((name) => (
            <label key={name}>
              <input type="checkbox" name="endpoint" value={name} defaultChecked={first?.includes(name) ?? false} />
              {name}
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}

/** What a form with {@link KeyFields} says; what is as `of` has it is left out. */
export function keyWordsOf(form: HTMLFormElement, of?: Key): KeyWords {
  const given = new FormData(form);
  const [name, endpoints, expires] = ['name', 'endpoints', 'expires'].map((one) => String(given.get(one)));
  return {
    ...(name !== (of?.name ?? '') && { name: name! }),
    // The field holds a day, and the key a moment: a day that is left alone must not move it.
    ...(expires !== dayOfExpiry(of) && { expires: expires === '' ? 'never' : expires! }),
    endpoints: endpoints === chosen ? given.getAll('endpoint').map(String) : [endpoints!],
  };
}

function dayOfExpiry(key: Key | undefined): string {
  return key?.expiresAt === undefined ? '' : dayOf(new Date(key.expiresAt));
}

/** A button that opens the fields of a key to change it. */
export function EditKey({ of }: { readonly of: Key }) {
  const { t } = useWords();
  const set = useOperation('keys.set');
  return (
    <DialogButton label={t('key.edit')}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            set.run({ appid: of.appid, secretId: of.secretId, ...keyWordsOf(event.currentTarget, of) }, close);
          }}
        >
          <p>
            <code>{of.secretId}</code>
          </p>
          <KeyFields of={of} />
          <ErrorNote error={set.error} />
          <DialogEnd label={t('save')} isBusy={set.isBusy} close={close} />
        </form>
      )}
    </DialogButton>
  );
}

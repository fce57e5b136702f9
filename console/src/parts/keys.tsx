/** The keys of an appid: made, shown once, confined, revoked. */
import { useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';
import { Confirm } from './confirm.tsx';
import { EditKey, KeyFields, keyWordsOf } from './key-fields.tsx';
import { MadeKey } from './made-key.tsx';
import { Moment } from './moment.tsx';
import { Answer, ErrorNote, Table } from './notes.tsx';

type Key = Output<'keys.list'>['keys'][number];

/** The list, with what an owner may do to it. */
export function Keys({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const mayChange = isGranted(useOperator(), 'owner', appid);
  const heads = [t('key.secretId'), t('key.name'), t('key.endpoints'), t('key.expires'), t('key.used'), t('key.state')];
  return (
    <>
      <Answer of={useAnswer('keys.list', { appid })}>
        {({ keys }) =>
          keys.length === 0 ? (
            <p>{t('key.none')}</p>
          ) : (
            <Table label={t('key.title')} heads={heads}>
              {keys.map((key) => (
                <KeyRow key={key.secretId} of={key} mayChange={mayChange} />
              ))}
            </Table>
          )
        }
      </Answer>
      {mayChange && <AddKey appid={appid} />}
    </>
  );
}

function KeyRow({ of, mayChange }: { readonly of: Key; readonly mayChange: boolean }) {
  const { t } = useWords();
  const { appid, secretId, name, endpoints, expiresAt, usedAt, revokedAt } = of;
  return (
    <tr>
      <th scope="row">
        <code>{secretId}</code>
      </th>
      <td>{name}</td>
      <td>{endpoints?.join(', ') ?? t('key.all')}</td>
      <td>{expiresAt === undefined ? t('key.never') : <Moment at={expiresAt} />}</td>
      <td>{usedAt === undefined ? t('key.never') : <Moment at={usedAt} />}</td>
      <td>
        {revokedAt !== null ? (
          t('key.revoked')
        ) : mayChange ? (
          <>
            <EditKey of={of} /> <Revoke appid={appid} secretId={secretId} />
          </>
        ) : (
          t('key.valid')
        )}
      </td>
    </tr>
  );
}

function Revoke({ appid, secretId }: { readonly appid: string; readonly secretId: string }) {
  const { t } = useWords();
  const revoke = useOperation('keys.revoke');
  return (
    <Confirm
      label={t('key.revoke')}
      isDanger
      says={t('key.revokeSays', { secretId })}
      error={revoke.error}
      isBusy={revoke.isBusy}
      onConfirm={(close) => revoke.run({ appid, secretId }, close)}
    />
  );
}

function AddKey({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const add = useOperation('keys.add');
  const [made, setMade] = useState<Output<'keys.add'>>();
  // The fields are made anew for each key.
  const [count, setCount] = useState(0);
  return (
    <>
      {made !== undefined && <MadeKey of={made} onClose={() => setMade(undefined)} />}
      <h3>{t('key.add')}</h3>
      <form
        key={count}
        onSubmit={(event) => {
          event.preventDefault();
          add.run({ appid, ...keyWordsOf(event.currentTarget) }, (key) => {
            setCount(count + 1);
            setMade(key);
          });
        }}
      >
        <KeyFields />
        <ErrorNote error={add.error} />
        <button type="submit" disabled={add.isBusy}>
          {t('key.add')}
        </button>
      </form>
    </>
  );
}

/** A field for ids of groups, which offers those that there are. */
import { useId } from 'preact/hooks';
import { useAnswer } from '../api/hooks.ts';

/** How many groups are offered at most: those that begin as what is typed. */
const offered = 20;

/** Ids that are written one after the other. */
export function idsIn(text: string): string[] {
  return text.split(/[\s,，]+/).filter((id) => id !== '');
}

interface GroupsFieldProps {
  readonly appid: string;
  readonly label: string;
  readonly value: string;
  readonly isRequired?: boolean;
  readonly onValue: (value: string) => void;
}

/** The field; ids are separated by commas. */
export function GroupsField({ appid, label, value, isRequired = false, onValue }: GroupsFieldProps) {
  const list = useId();
  const [, before, prefix] = /^(.*[\s,，])?(.*)$/s.exec(value)!;
  const { data } = useAnswer('register.groups', { appid, prefix: prefix!, count: offered });
  return (
    <label>
      {label}
      <input
        list={list}
        required={isRequired}
        autoComplete="off"
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <datalist id={list}>
        {data?.groups.map(({ id }) => (
          <option key={id} value={`${before ?? ''}${id}`} />
        ))}
      </datalist>
    </label>
  );
}

/** Texts of the table of refusals. */
import { chineseRefusals } from '../../../tools/zh/refusals.ts';
import { useWords } from '../text/language.tsx';

/** A text of the table in the page's language; what stands between backticks is code. */
export function Said({ text }: { readonly text: string }) {
  const { language } = useWords();
  const said = language === 'zh' ? (chineseRefusals[text] ?? text) : text;
  return (
    <>{said.split('`').map((part, index) => (index % 2 === 1 ? <code key={`${index} ${part}`}>{part}</code> : part))}</>
  );
}

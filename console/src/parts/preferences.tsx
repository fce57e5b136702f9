/** The choice of language and of colours. */
import { useEffect, useState } from 'preact/hooks';
import { type Language, languages, useWords } from '../text/language.tsx';

const schemes = ['auto', 'light', 'dark'] as const;
type Scheme = (typeof schemes)[number];

const key = 'familiar.scheme';

function keptScheme(): Scheme {
  const kept = localStorage.getItem(key);
  return schemes.find((scheme) => scheme === kept) ?? 'auto';
}

/** Two lists to choose from. */
export function Preferences() {
  const { t, language, setLanguage } = useWords();
  const [scheme, setScheme] = useState(keptScheme);
  useEffect(() => {
    localStorage.setItem(key, scheme);
    if (scheme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = scheme;
  }, [scheme]);
  return (
    <div class="preferences">
      <select
        aria-label={t('language.label')}
        value={language}
        onChange={({ currentTarget }) => setLanguage(currentTarget.value as Language)}
      >
        {Object.entries(languages).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t('scheme.label')}
        value={scheme}
        onChange={({ currentTarget }) => setScheme(currentTarget.value as Scheme)}
      >
        {schemes.map((one) => (
          <option key={one} value={one}>
            {t(`scheme.${one}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

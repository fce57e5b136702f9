/** What a score means here: how many strangers reach it. */
import { meaningOf } from '../../../src/contract/score-meaning.ts';
import { useWords } from '../text/language.tsx';

interface ScoreMeaningProps {
  readonly score: number;
  readonly isSamePicture: boolean;
  /** How many faces were searched; absent where two were compared. */
  readonly faces?: number | undefined;
  /** Up to where the scale of the networks goes. */
  readonly most: number;
}

/** The sentences. */
export function ScoreMeaning({ score, isSamePicture, faces, most }: ScoreMeaningProps) {
  const { t, number } = useWords();
  const share = useShare();
  if (isSamePicture) return <>{t('meaning.same')}</>;
  const { place, oneIn, share: ofStrangers } = meaningOf(score, faces ?? 1, most);
  const isInGallery = faces !== undefined && faces > 1 && place !== 'below';
  return (
    <>
      {t(`meaning.${place}`, { oneIn: number(roughly(oneIn)) })}
      {isInGallery && ' '}
      {isInGallery &&
        t(place === 'fitted' ? 'meaning.gallery' : 'meaning.galleryMost', {
          faces: number(faces),
          strangers: share(ofStrangers),
        })}
    </>
  );
}

/** Two digits of it: the rest would say more than is known. */
export function roughly(value: number): number {
  return Number(value.toPrecision(2));
}

/** How a share of strangers is told: from half of them on in hundredths, else as one in so many. */
export function useShare(): (share: number) => string {
  const { t, number } = useWords();
  return (share) =>
    share >= 0.5
      ? t('meaning.percent', { percent: number(roughly(100 * share)) })
      : t('meaning.oneIn', { oneIn: number(roughly(1 / share)) });
}

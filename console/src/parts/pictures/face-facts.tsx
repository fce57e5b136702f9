/** What is said of a face of a picture. */
import type { Output } from '../../api/call.ts';
import { useWords } from '../../text/language.tsx';
import { Fact, Facts } from '../notes.tsx';

/** A face that was described. */
export type DescribedFace = Output<'recognise.analyse'>['faces'][number];
type Quality = DescribedFace['quality'];

/** The attributes of a face, and its quality. */
export function FaceFacts({ of }: { readonly of: DescribedFace }) {
  const { t, number } = useWords();
  const { gender, age, expression, glass, pitch, yaw, roll, quality } = of;
  return (
    <Facts>
      <Fact name="face.quality">
        <QualityWords of={quality} isNamed={false} />
      </Fact>
      <Fact name="face.gender">{number(gender)}</Fact>
      <Fact name="face.age">{number(age)}</Fact>
      <Fact name="face.expression">{number(expression)}</Fact>
      <Fact name="face.glass">{t(glass ? 'face.yes' : 'face.no')}</Fact>
      <Fact name="face.pose">{[pitch, yaw, roll].map((degrees) => `${degrees}°`).join(', ')}</Fact>
    </Facts>
  );
}

const faults = ['small', 'blurred', 'dark', 'glaring', 'turned', 'covered'] as const;

/** A quality, and what is wrong with the face if something is. */
export function QualityWords({
  of: { score, fault },
  isNamed = true,
}: {
  readonly of: Quality;
  /** Whether it says what the number is. */
  readonly isNamed?: boolean;
}) {
  const { t, number } = useWords();
  const known = faults.find((one) => one === fault);
  const told = isNamed ? t('face.qualityOf', { quality: number(score) }) : number(score);
  return <>{known === undefined ? told : `${told} · ${t(`fault.${known}`)}`}</>;
}

/** A picture, with what was found in it drawn over it. */
import { useEffect, useState } from 'preact/hooks';
import type { Output } from '../../api/call.ts';
import { useWords } from '../../text/language.tsx';

/** Where the faces of a picture are. */
export type Seen = NonNullable<Output<'recognise.analyse'>['seen']>;
/** The contours of a face. */
export type Contours = NonNullable<Output<'recognise.analyse'>['faces'][number]['contours']>;

interface SeenPictureProps {
  readonly file: File;
  readonly seen?: Seen | undefined;
  readonly contours?: readonly (Contours | undefined)[] | undefined;
  /** Whether the faces are numbered, as a list beside the picture numbers them. */
  readonly isNumbered?: boolean;
}

/** Contours that end where they begin. */
const closed: ReadonlySet<string> = new Set(['leftEye', 'rightEye', 'leftEyebrow', 'rightEyebrow']);
/** How many points of the mouth are its outer line; those after them are the inner one. */
const outerMouthPoints = 12;

/** The address by which the page shows a file, for as long as it does. */
function useAddressOf(file: File): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}

/** The picture. */
export function SeenPicture({ file, seen, contours = [], isNumbered = false }: SeenPictureProps) {
  const { t } = useWords();
  const address = useAddressOf(file);
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <p class="muted">{t('picture.notShown')}</p>;
  return (
    <figure class="seen">
      {address !== undefined && (
        <img src={address} alt={t('picture.of', { name: file.name })} onError={() => setBroken(true)} />
      )}
      {seen !== undefined && (
        <svg viewBox={`0 0 ${seen.width} ${seen.height}`} aria-hidden="true">
          {seen.boxes.map((box, index) => (
            <g key={index} class={index === seen.chosen ? 'chosen' : ''}>
              <rect x={box.x} y={box.y} width={box.width} height={box.height} />
              {isNumbered && (
                <text x={box.x} y={box.y} dy="-0.25em" font-size={Math.max(box.height / 5, seen.height / 40)}>
                  {index + 1}
                </text>
              )}
            </g>
          ))}
          {contours.map(
            (lines, index) =>
              lines !== undefined &&
              Object.entries(linesOf(lines)).map(([name, points]) => (
                <polyline key={`${index}${name}`} class="contour" points={points} />
              )),
          )}
        </svg>
      )}
    </figure>
  );
}

/** Each line as SVG has it. */
function linesOf({ mouth, ...others }: Contours): Readonly<Record<string, string>> {
  const lips = { outerMouth: mouth.slice(0, outerMouthPoints), innerMouth: mouth.slice(outerMouthPoints) };
  return Object.fromEntries(
    Object.entries({ ...others, ...lips }).map(([name, points]) => {
      const isClosed = closed.has(name) || name in lips;
      const all = isClosed ? [...points, ...points.slice(0, 1)] : points;
      return [name, all.map(({ x, y }) => `${x},${y}`).join(' ')];
    }),
  );
}

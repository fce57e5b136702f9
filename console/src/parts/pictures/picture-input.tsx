/** Takes pictures: from files, a folder, the camera, what is dropped, and what is pasted. */
import { useEffect, useState } from 'preact/hooks';
import { useWords } from '../../text/language.tsx';
import { Camera } from './camera.tsx';
import { droppedFiles, isPicture } from './dropped-files.ts';

interface PictureInputProps {
  readonly label: string;
  /** Whether more than one is taken, and folders. */
  readonly many?: boolean;
  /** Whether what is pasted anywhere on the page is for this one. */
  readonly takesPaste?: boolean;
  /** Given at least one; just one, unless many are taken. */
  readonly onPictures: (pictures: readonly File[]) => void;
}

/** An attribute that Preact's types do not know. */
const choosesFolders = (input: HTMLInputElement | null): void => {
  if (input !== null) input.webkitdirectory = true;
};

/** A field for pictures. */
export function PictureInput({ label, many = false, takesPaste = true, onPictures }: PictureInputProps) {
  const { t } = useWords();
  const [isOver, setOver] = useState(false);
  const give = (files: readonly File[]) => {
    const pictures = files.filter(isPicture).slice(0, many ? undefined : 1);
    if (pictures.length > 0) onPictures(pictures);
  };
  const choose = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    give([...(currentTarget.files ?? [])]);
    // The same file can be chosen again.
    currentTarget.value = '';
  };
  useEffect(() => {
    if (!takesPaste) return undefined;
    const paste = ({ clipboardData }: ClipboardEvent) => give([...(clipboardData?.files ?? [])]);
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  });
  return (
    <fieldset
      class={`drop${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer !== null) give(await droppedFiles(event.dataTransfer));
      }}
    >
      <legend>{label}</legend>
      <div class="row">
        <label>
          {many ? t('picture.choose') : t('picture.chooseOne')}
          <input type="file" accept="image/*" multiple={many} onChange={choose} />
        </label>
        {many && (
          <label>
            {t('picture.folder')}
            <input type="file" ref={choosesFolders} onChange={choose} />
          </label>
        )}
        <Camera onPicture={(picture) => give([picture])} />
      </div>
      <small>{t('picture.drop')}</small>
    </fieldset>
  );
}

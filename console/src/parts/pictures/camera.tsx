/** Takes a picture with the camera, if the browser is let. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../../text/language.tsx';

/** How good a JPEG of the camera is, 0 to 1: beyond this only its size grows. */
const quality = 0.95;

/** The buttons, and what the camera sees while it is open. */
export function Camera({ onPicture }: { readonly onPicture: (picture: File) => void }) {
  const { t } = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    if (stream === undefined) return undefined;
    if (video.current !== null) video.current.srcObject = stream;
    // The camera's light is out when the page is left.
    return () => {
      for (const track of stream.getTracks()) track.stop();
    };
  }, [stream]);
  const open = () => {
    setFault(undefined);
    // Without https browsers have no cameras, but on this machine.
    const asked = navigator.mediaDevices?.getUserMedia({ video: { width: { ideal: 1920 }, height: { ideal: 1080 } } });
    if (asked === undefined) setFault(t('picture.insecure'));
    else asked.then(setStream, (error: Error) => setFault(error.message));
  };
  const take = async () => {
    const { videoWidth, videoHeight } = video.current!;
    if (videoWidth === 0) return;
    const canvas = new OffscreenCanvas(videoWidth, videoHeight);
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
    onPicture(new File([blob], `camera-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.jpg`, { type: blob.type }));
  };
  if (stream === undefined) {
    return (
      <div>
        <button type="button" class="secondary" onClick={open}>
          {t('picture.camera')}
        </button>
        {fault !== undefined && (
          <p role="alert" class="error">
            {t('picture.noCamera', { reason: fault })}
          </p>
        )}
      </div>
    );
  }
  return (
    <div class="camera">
      <video ref={video} autoPlay muted playsInline aria-label={t('picture.cameraImage')} />
      <div>
        <button type="button" onClick={() => void take()}>
          {t('picture.take')}
        </button>{' '}
        <button type="button" class="secondary" onClick={() => setStream(undefined)}>
          {t('picture.closeCamera')}
        </button>
      </div>
    </div>
  );
}

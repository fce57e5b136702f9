/** The picture of a face that is kept; it is loaded when it is scrolled to. */

/** @param label what stands for the picture where it is not seen; empty where the text beside it says as much. */
export function Crop({
  appid,
  face,
  label,
  isSmall = false,
}: {
  readonly appid: string;
  readonly face: string;
  readonly label: string;
  readonly isSmall?: boolean;
}) {
  const side = isSmall ? 48 : 160;
  return (
    <img
      class={isSmall ? 'crop small' : 'crop'}
      src={`/api/crop?${new URLSearchParams({ appid, face })}`}
      alt={label}
      width={side}
      height={side}
      loading="lazy"
      decoding="async"
    />
  );
}

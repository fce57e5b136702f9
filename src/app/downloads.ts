/** Opens downloads of pictures with the limits that the settings set. */
import { type Downloads, openDownloads } from '../http/download.ts';
import type { Settings } from './settings.ts';

/** Opens them; disposing of them ends every download. @throws TypeError if `allowUrlHost` has a faulty entry. */
export function downloadsOf(settings: Settings): Downloads & AsyncDisposable {
  return openDownloads({
    allowHosts: settings.allowUrlHost,
    bytesMax: settings.pictureBytesMax,
    connectTimeoutMs: settings.urlConnectTimeoutMs,
    firstByteTimeoutMs: settings.urlFirstByteTimeoutMs,
    timeoutMs: settings.urlTimeoutMs,
    redirectsMax: settings.urlRedirectsMax,
    socketsMax: 64,
    partySocketsMax: 48,
  });
}

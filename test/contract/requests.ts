/** A good request to every endpoint, and what must be there for it to succeed. */
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import type { Service } from './service.ts';

/** Every endpoint. */
export const all = Object.keys(endpoints) as EndpointName[];
/** Those whose calls carry pictures. */
export const withPictures = all.filter((name) => Object.keys(endpoints[name].pictures).length > 0);

/** Registers the person `p` in the group `g`, from the picture of a face. */
export async function register(service: Service, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { face_id } = await service.read('newperson', {
    ...person,
    group_ids: ['g'],
    image: service.opened.pictures.face,
    ...fields,
  });
  return face_id;
}

/** What a call about the registered person carries. */
export const person = { person_id: 'p' };

/**
 * A request that succeeds once {@link register} was called; newperson asks for a person of its own.
 * @param picture what the call carries as its picture, as the endpoint's fields for it are called.
 */
export function goodRequest(
  endpoint: EndpointName,
  faceId: string,
  picture: { readonly url: string } | { readonly image: string },
): Readonly<Record<string, unknown>> {
  const fields: Readonly<Record<string, unknown>> = {
    person_id: endpoint === 'newperson' ? 'q' : 'p',
    group_id: 'g',
    group_ids: endpoint === 'addgroupids' ? ['h'] : ['g'],
    face_id: faceId,
    face_ids: [faceId],
  };
  const asked = Object.keys(endpoints[endpoint].fields).filter((name) => name in fields);
  const request: Record<string, unknown> = Object.fromEntries(asked.map((name) => [name, fields[name]]));
  for (const { url, image, many } of Object.values(endpoints[endpoint].pictures)) {
    const [name, value] = 'url' in picture ? [url, picture.url] : [image, picture.image];
    request[name] = many ? [value] : value;
  }
  return request;
}

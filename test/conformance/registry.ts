/** Brings a registry into the state that a recorded call starts from, and reads it back. */
import assert from 'node:assert/strict';
import type { PictureName, Pictures } from './pictures.ts';
import type { Account } from './server.ts';
import { signature } from './signature.ts';

/** The envelope's data, of whatever endpoint. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
export type Data = any;

/** The person unknown code, which tells that a person is gone. */
export const personUnknown = -1303;

/** One account's register, called over HTTP. */
export class Registry {
  readonly #url: string;
  readonly #account: Account;
  readonly #pictures: Pictures;
  /** The faces that were made here, by person and picture. */
  readonly #faces = new Map<string, Map<PictureName, string>>();

  constructor(url: string, account: Account, pictures: Pictures) {
    this.#url = url;
    this.#account = account;
    this.#pictures = pictures;
  }

  /** Calls an endpoint with JSON. */
  async call(endpoint: string, fields: Readonly<Record<string, unknown>>): Promise<{ code: number; data: Data }> {
    const response = await fetch(`${this.#url}/face/${endpoint}`, {
      method: 'POST',
      headers: { authorization: signature(this.#account, 'a,k,e,t'), 'content-type': 'application/json' },
      body: JSON.stringify({ appid: this.#account.appid, ...fields }),
    });
    return (await response.json()) as { code: number; data: Data };
  }

  /** Calls an endpoint that must succeed. */
  async read(endpoint: string, fields: Readonly<Record<string, unknown>>): Promise<Data> {
    const { code, data } = await this.call(endpoint, fields);
    assert.equal(code, 0, `${endpoint} ${JSON.stringify(fields)}`);
    return data;
  }

  /** Sees to it that there is no such person. */
  async ensureAbsent(personId: string): Promise<void> {
    const { code } = await this.call('delperson', { person_id: personId });
    assert.ok(code === 0 || code === personUnknown, `delperson: ${code}`);
  }

  /**
   * Sees to it that the person is in just these groups, and has a face of each of these pictures and no other.
   * @returns the ids of the faces, in the pictures' order.
   */
  async ensurePresent(
    personId: string,
    groupIds: readonly string[],
    pictures: readonly PictureName[] = ['ada'],
  ): Promise<readonly string[]> {
    const { code, data } = await this.call('getinfo', { person_id: personId });
    const known = this.#faces.get(personId) ?? new Map<PictureName, string>();
    for (const [name, id] of known) if (code !== 0 || !data.face_ids.includes(id)) known.delete(name);
    this.#faces.set(personId, known);
    // A face that was not made here may be of any picture.
    if (known.size === 0 || known.size !== data.face_ids.length) await this.#register(personId, groupIds, pictures[0]!);
    else await this.#ensureGroups(data, groupIds);
    await this.#ensureFaces(personId, pictures);
    return pictures.map((name) => this.#faces.get(personId)?.get(name) as string);
  }

  async #register(personId: string, groupIds: readonly string[], picture: PictureName): Promise<void> {
    await this.ensureAbsent(personId);
    const fields = { person_id: personId, group_ids: groupIds, image: this.#base64(picture) };
    const { face_id } = await this.read('newperson', fields);
    this.#faces.set(personId, new Map([[picture, face_id]]));
  }

  async #ensureFaces(personId: string, pictures: readonly PictureName[]): Promise<void> {
    const known = this.#faces.get(personId) as Map<PictureName, string>;
    const missing = pictures.filter((name) => !known.has(name));
    if (missing.length > 0) {
      const images = missing.map((name) => this.#base64(name));
      const { added, face_ids } = await this.read('addface', { person_id: personId, images });
      assert.equal(added, missing.length, 'the pictures are of strangers');
      for (const [i, name] of missing.entries()) known.set(name, face_ids[i]);
    }
    const spare = [...known].filter(([name]) => !pictures.includes(name));
    for (const [name] of spare) known.delete(name);
    if (spare.length > 0) await this.read('delface', { person_id: personId, face_ids: spare.map(([, id]) => id) });
  }

  async #ensureGroups({ person_id, group_ids }: Data, wanted: readonly string[]): Promise<void> {
    await this.read('addgroupids', { person_id, group_ids: wanted });
    const spare = (group_ids as string[]).filter((id) => !wanted.includes(id));
    if (spare.length > 0) await this.read('delgroupids', { person_id, group_ids: spare });
  }

  #base64(name: PictureName): string {
    return this.#pictures.bytes[name].toString('base64');
  }
}

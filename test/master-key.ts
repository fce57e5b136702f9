/** The master key of every register that tests make. */
import { MasterKey, type MasterKeySource } from '../src/store/encryption/master-key.ts';

const bytes = Buffer.alloc(32, 7);

/** As the settings spell it. */
export const masterKeyText: string = bytes.toString('base64');

/** As stores ask for it. */
export const masterKey: MasterKeySource = async () => new MasterKey(bytes, 'the test');

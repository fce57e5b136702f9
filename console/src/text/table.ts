/** Texts by name, each in English and in Chinese. */
export type Texts = Readonly<Record<string, readonly [english: string, chinese: string]>>;

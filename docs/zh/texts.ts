/** x */
export const chineseTexts: Readonly<Record<string, string>> = {};

/** x */
export const chineseRefusals: Readonly<Record<string, string>> = {};

/** What a statement says, in the words of a language and in order: what text and pages are made from. */
import type { Statement, StatementLine } from './statement.ts';
import { type StatementLanguage, statementWords } from './words.ts';

/** A table; its rows are as long as its columns. */
export interface SheetTable {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** The last rows, which sum the others up. */
  readonly totals: readonly (readonly string[])[];
}

/** A statement in words. */
export interface Sheet {
  readonly language: StatementLanguage;
  readonly title: string;
  /** What it is about: a name and a text each. */
  readonly facts: readonly (readonly [string, string])[];
  readonly tables: readonly SheetTable[];
  readonly notes: readonly string[];
}

/** Says what a statement says. */
export function sheetOf(statement: Statement, language: StatementLanguage): Sheet {
  const words = statementWords[language];
  const { appid, month, timeZone, closedAt, prices } = statement;
  const tables = [chargesOf(statement, language), endpointsOf(statement, language)];
  return {
    language,
    title: `${words.title} ${month}`,
    facts: [
      [words.appid, appid],
      [words.month, month],
      [words.zone, timeZone],
      [words.state, closedAt === null ? words.open : `${words.closed} ${closedAt}`],
    ],
    tables: [...tables, lateOf(statement, language), refusedOf(statement, language)].filter(
      ({ rows, totals }) => rows.length + totals.length > 0,
    ),
    notes: [words[prices.tiers], words.bounds],
  };
}

function chargesOf({ products, amount, total, currency }: Statement, language: StatementLanguage): SheetTable {
  const words = statementWords[language];
  const titles = [words.calls, words.late, words.free, words.charged, words.price, `${words.amount} (${currency})`];
  return {
    title: words.charges,
    columns: [{ title: words.product, isNumber: false }, ...titles.map((title) => ({ title, isNumber: true }))],
    rows: products.flatMap((line) => rowsOf(line, language)),
    totals: [
      [words.sum, '', '', '', '', '', grouped(amount)],
      [words.total, '', '', '', '', '', grouped(total)],
    ],
  };
}

/** A row for each price that holds for some of the calls. */
function rowsOf({ product, calls, late, free, charged, parts, amount }: StatementLine, language: StatementLanguage) {
  const head = [productName(product, language), ...[calls, late, free].map(grouped)];
  const [first, ...others] = parts;
  if (first === undefined) return [[...head, grouped(charged), statementWords[language].none, grouped(amount)]];
  const partOf = (part: typeof first) => [grouped(part.calls), part.price, grouped(part.amount)];
  return [[...head, ...partOf(first)], ...others.map((part) => ['', '', '', '', ...partOf(part)])];
}

function endpointsOf({ endpoints }: Statement, language: StatementLanguage): SheetTable {
  const words = statementWords[language];
  return {
    title: words.endpoints,
    columns: [
      { title: words.endpoint, isNumber: false },
      { title: words.calls, isNumber: true },
      { title: words.chargedAs, isNumber: false },
    ],
    rows: endpoints.map(({ endpoint, calls, products }) => [
      endpoint,
      grouped(calls),
      products.map((product) => productName(product, language)).join(language === 'zh' ? '、' : ', ') || words.none,
    ]),
    totals: [],
  };
}

function lateOf({ late }: Statement, language: StatementLanguage): SheetTable {
  const words = statementWords[language];
  return {
    title: words.lateCalls,
    columns: [
      { title: words.month, isNumber: false },
      { title: words.endpoint, isNumber: false },
      { title: words.calls, isNumber: true },
    ],
    rows: late.map(({ month, endpoint, calls }) => [month, endpoint, grouped(calls)]),
    totals: [],
  };
}

function refusedOf({ refused }: Statement, language: StatementLanguage): SheetTable {
  const words = statementWords[language];
  return {
    title: words.refused,
    columns: [
      { title: words.code, isNumber: true },
      { title: words.calls, isNumber: true },
    ],
    rows: refused.map(({ code, calls }) => [code === -1 ? words.unknownCode : String(code), grouped(calls)]),
    totals: [],
  };
}

function productName(product: string, language: StatementLanguage): string {
  const names: Readonly<Record<string, string>> = statementWords[language].products;
  return names[product] ?? product;
}

/** A whole number or a decimal with a comma before every three digits of its whole part. */
function grouped(value: number | string): string {
  const [whole = '', fraction] = String(value).split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

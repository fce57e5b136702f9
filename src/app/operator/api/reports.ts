/** The operator's API: what is reported. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { AuditLine } from '../../../store/audit/reader.ts';
import type { Stores } from '../../../store/open.ts';
import { renderStatement, statementOf } from '../../statements.ts';
import { usageReport } from '../../usage.ts';

type Topic = 'usage' | 'statements' | 'audit' | 'server';
type Handlers = Omit<Pick<OperationHandlers, Extract<keyof OperationHandlers, `${Topic}.${string}`>>, 'server.live'>;
type ServerState = Awaited<ReturnType<OperationHandlers['server.show']>>;

/** @param server what the server tells of itself. */
export function reportHandlers(stores: Stores, timeZone: string, server: () => Promise<ServerState>): Handlers {
  return {
    'usage.report': async (request) => ({
      rows: (await usageReport(stores.usage, request)).map(({ products: _, ...row }) => row),
    }),
    'statements.make': async ({ appid, month, format, language }) => {
      const statement = await statementOf(stores, { appid, month, timeZone });
      return { content: renderStatement(statement, format, language), isClosed: statement.closedAt !== null };
    },
    'audit.list': async ({ linesMax, ...query }) => ({
      lines: (await stores.audit.reader.newest(query, linesMax)).map(told),
    }),
    'audit.installation': async ({ linesMax }) => ({
      lines: (await stores.audit.reader.newest({ appid: '' }, linesMax)).map(told),
    }),
    'audit.verify': async () => {
      const chains = await Array.fromAsync(stores.audit.reader.verify());
      return {
        chains: chains.map(({ appid, chain, lines, broken }) => ({
          ...{ appid, chain, lines },
          ...(broken !== undefined && { broken }),
        })),
      };
    },
    'server.show': () => server(),
  };
}

/** The most ids of a kind that are told of a line: one that ends a group may tell of hundreds. */
const idsMax = 20;

function told({ detail, ids, hash: _, ...line }: AuditLine) {
  const more = Object.values(ids).reduce((sum, { length }) => sum + Math.max(0, length - idsMax), 0);
  const named = Object.entries(ids).map(([kind, some]) => [
    kind,
    some.slice(0, idsMax).map(({ digest, id }) => ({ digest, ...(id !== undefined && { id }) })),
  ]);
  return { ...line, ids: Object.fromEntries(named), more, ...(detail !== undefined && { detail: { ...detail } }) };
}

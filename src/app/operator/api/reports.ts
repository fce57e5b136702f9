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

function told({ detail, ids, hash: _, ...line }: AuditLine) {
  const named = Object.entries(ids).map(([kind, some]) => [
    kind,
    some.map(({ digest, id }) => ({ digest, ...(id !== undefined && { id }) })),
  ]);
  return { ...line, ids: Object.fromEntries(named), ...(detail !== undefined && { detail: { ...detail } }) };
}

/** What visitors of the operator's listener are served with; loaded with the first of them. */
import type { PagesParts } from '../http/admin/pages.ts';
import { readConsole } from './console.ts';
import { type OperatorApiParts, operatorApi } from './operator/api/api.ts';

/** The operator's API over a running application, and the console. */
export function operatorPages(parts: OperatorApiParts): PagesParts {
  return { api: operatorApi(parts), files: readConsole() };
}

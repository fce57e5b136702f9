/**
 * Serves the pictures of faces to operators: `GET /api/crop?appid=…&face=…`, so that a page shows them as any picture, when it is scrolled
 * to them. As every answer of this listener, they are kept by nobody (`cache-control: no-store`) and shown by no page of another origin
 * (`cross-origin-resource-policy`).
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isGranted } from '../../auth/operators.ts';
import { type OperatorApi, sessionOf } from './api.ts';
import { OperationError } from './operation-error.ts';

const query = z.strictObject({ appid: z.string().min(1).max(128), face: z.string().min(1).max(1_000) });

/** Adds the route. */
export function serveCrops(http: FastifyInstance, api: OperatorApi): void {
  http.get('/api/crop', async (request, reply) => {
    const { operator } = await sessionOf(request, api);
    const asked = query.safeParse(request.query);
    if (!asked.success) throw new OperationError('invalid', z.prettifyError(asked.error));
    const { appid, face } = asked.data;
    if (!isGranted(operator, 'reader', appid)) {
      throw new OperationError('forbidden', `this takes the role reader for the appid ${appid}`);
    }
    const crop = await api.cropOf(appid, face);
    if (crop === undefined) throw new OperationError('unknown', 'there is no such face');
    reply.type('image/jpeg');
    return crop;
  });
}

/** Lets pages of other origins call the face API. */
import type { FastifyInstance } from 'fastify';

/**
 * Tells browsers which pages may send calls and read the answers.
 * @param origins as `https://shop.example`; `*` for all.
 */
export function allowOrigins(http: FastifyInstance, origins: readonly string[]): void {
  http.register(import('@fastify/cors'), {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['POST'],
    allowedHeaders: ['authorization', 'content-type'],
    exposedHeaders: ['x-request-id', 'retry-after', 'x-face-quality', 'x-face-resembles', 'x-search'],
    maxAge: 600,
  });
}

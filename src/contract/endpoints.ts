/** Every endpoint: one declaration each, from which everything else about it is derived. */
import type { Endpoint } from './endpoint.ts';
import { personEndpoints } from './persons.ts';
import { recognitionEndpoints } from './recognition.ts';

/** All endpoints by name; the path is `POST /face/<name>`. */
export const endpoints = { ...personEndpoints, ...recognitionEndpoints } as const satisfies Record<string, Endpoint>;

/** All endpoints. */
export type Endpoints = typeof endpoints;
/** The name of an endpoint, which is also the last part of its path. */
export type EndpointName = keyof Endpoints;

/** The path of an endpoint. */
export function pathOf(name: EndpointName): `/face/${EndpointName}` {
  return `/face/${name}`;
}

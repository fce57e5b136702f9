/** The persons who run the server: what they may do, how they sign in, and the port to storage that this needs. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PasskeyStore } from './passkeys.ts';

/** What an operator may do, from the least to the most. */
export const roles = ['reader', 'editor', 'owner'] as const;

/** `reader` sees, `editor` changes what is registered, `owner` also changes who may do what, and everything of the installation. */
export type Role = (typeof roles)[number];

/** What an operator may do, and with which appids. */
export interface Grant {
  readonly role: Role;
  /** The one appid that it is for; null for all of them, and for the installation. */
  readonly appid: string | null;
}

/** Somebody who may sign in. */
export interface Operator extends Grant {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A signed-in operator. */
export interface Session {
  readonly operator: Operator;
  /** Milliseconds since 1970. */
  readonly signedInAt: number;
}

/** Where operators are kept. Tokens are kept as digests: who reads the database cannot sign in. */
export interface OperatorStore extends PasskeyStore {
  /** In the order of their names. */
  list(): Promise<readonly Operator[]>;
  /** The hash of the operator's password; undefined if there is none. */
  passwordOf(name: string): Promise<string | undefined>;
  /** Changes what an operator may do, and ends the sessions; false if there is none. */
  setGrant(name: string, grant: Grant): Promise<boolean>;
  /** Removes an operator with all sessions, passkeys and links; false if there is none. */
  remove(name: string): Promise<boolean>;

  /** Keeps a link by which somebody sets a password, as an operator that is made then, or is there: whose grant and sessions go. */
  addLink(digest: string, name: string, grant: Grant, now: number): Promise<void>;
  /** The name that a link is for; undefined if there is none, or it is old. */
  findLink(digest: string, now: number): Promise<string | undefined>;
  /** Uses a link up: sets the password, and ends all sessions and passkeys of the operator. Undefined if there is none, or it is old. */
  useLink(digest: string, passwordHash: string, now: number): Promise<Operator | undefined>;

  /** Begins a session. */
  addSession(digest: string, name: string, now: number): Promise<void>;
  /** The session of a token, if it is not over, and notes that it was used. */
  findSession(digest: string, now: number): Promise<Session | undefined>;
  /** Ends one session, or all of an operator. */
  endSession(digest: string): Promise<void>;
  endSessions(name: string): Promise<void>;
}

/** A new token: 256 random bits, as text for a cookie or a url. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a token. It is random, so that a fast hash is enough. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** The token that a page must send with each request of a session: a page of another origin can neither read nor guess it. */
export function forgeryTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('requests of the page').digest('base64url');
}

/** Whether a request brought the token of its session. */
export function isForgeryToken(sessionToken: string, given: string): boolean {
  const [expected, received] = [Buffer.from(forgeryTokenOf(sessionToken)), Buffer.from(given)];
  return expected.length === received.length && timingSafeEqual(expected, received);
}

/** Whether somebody may do what needs a role, with an appid, or with the installation if it is undefined. */
export function isGranted(grant: Grant, role: Role, appid: string | undefined): boolean {
  const isRole = roles.indexOf(grant.role) >= roles.indexOf(role);
  return isRole && (grant.appid === null || grant.appid === appid);
}

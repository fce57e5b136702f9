/** Refuses who guesses passwords too fast, and lets guesses take no more than one processor. */
import ipaddr from 'ipaddr.js';
import { isPassword } from '../../auth/passwords.ts';
import { createSemaphore, LineFull } from '../../concurrency/semaphore.ts';
import { Guesses } from './guesses.ts';
import { OperationError } from './operation-error.ts';

/** An address; of IPv6, its first 64 bits: who has one of those has all that begin with them (RFC 4291, 2.5.1). */
export function networkOf(address: string): string {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** The most attempts that wait while another password is hashed, which takes a processor for some 20 ms. */
const attemptsWaitingMax = 16;

/** Guesses that refuse. */
export class SlowedGuesses extends Guesses {
  /** From however many addresses they come, one is tried at a time. */
  readonly #one = createSemaphore(1, attemptsWaitingMax);

  /**
   * Tries a password, for which addresses take turns.
   * @throws OperationError `slowDown` if too many wait.
   */
  async tryPassword(address: string, password: string, kept: string | undefined): Promise<boolean> {
    try {
      using _turn = await this.#one.acquire(undefined, address);
      return await isPassword(password, kept);
    } catch (error) {
      if (error instanceof LineFull) throw new OperationError('slowDown', 'too many attempts at once: try again', 1);
      throw error;
    }
  }

  /** @throws OperationError `slowDown` that says when to try again. */
  refuseUnlessRested(...parties: readonly string[]): void {
    const waitMs = this.waitOf(...parties);
    if (waitMs === 0) return;
    const seconds = Math.ceil(waitMs / 1_000);
    throw new OperationError('slowDown', `too many attempts: try again in ${seconds} s`, seconds);
  }
}

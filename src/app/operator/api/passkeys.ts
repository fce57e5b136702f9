/** The operator's API: passkeys beside passwords. */
import {
  madePasskey,
  type PasskeyPage,
  passkeyPage,
  registrationOptions,
  signInOptions,
  usedCounter,
} from '../../../auth/passkeys.ts';
import type { OperationContext, OperationHandlers } from '../../../http/admin/api.ts';
import { Challenges } from '../../../http/admin/challenges.ts';
import { OperationError } from '../../../http/admin/operation-error.ts';
import { refuseUnlessLine } from '../order.ts';
import type { SessionBeginnings } from './sessions.ts';

type Handlers = Pick<
  OperationHandlers,
  Extract<keyof OperationHandlers, `passkeys.${string}` | `session.${string}Passkey` | 'session.passkeyOptions'>
>;

/** The most passkeys of an operator. */
const passkeysMax = 20;

/** @param beginnings how sessions begin, and who guesses. */
export function passkeyHandlers(beginnings: SessionBeginnings): Handlers {
  const { operators, guesses, now } = beginnings;
  const challenges = new Challenges(now);
  const signingIn = 'sign in';
  const addingFor = (name: string): string => `add for ${name}`;
  return {
    'session.passkeyOptions': async (_input, context) => {
      const options = await signInOptions(pageOf(context));
      challenges.give(options.challenge, signingIn);
      return { options: { ...options } };
    },
    'session.usePasskey': async ({ response }, context) => {
      // What a passkey signs cannot be guessed: who has one gets in, however many passwords were guessed at their address.
      const passkey = await operators.findPasskey(response.id);
      const takes = (challenge: string): boolean => challenges.take(challenge, signingIn);
      const counter = passkey && (await usedCounter(pageOf(context), response, passkey, takes));
      const isUsed = counter !== undefined && (await operators.usePasskey(response.id, counter, now()));
      const operator = isUsed && (await operators.list()).find(({ name }) => name === passkey!.operator);
      if (!operator)
        throw new OperationError('signIn', 'this passkey is not known here, or was not used as it must be');
      return beginnings.begin(operator, context);
    },
    'passkeys.list': async (_input, { operator }) => ({
      passkeys: (await operators.passkeysOf(operator!.name)).map(({ id, label, host, createdAt, usedAt }) => ({
        ...{ id, label, host, createdAt, usedAt },
      })),
    }),
    'passkeys.options': async ({ password }, context) => {
      const { name } = context.operator!;
      const page = pageOf(context);
      const parties = [`name ${name}`, `address ${context.address}`];
      guesses.refuseUnlessRested(...parties);
      guesses.begin(...parties);
      // Whoever finds a page open must not make a way in for later.
      if (!(await guesses.tryPassword(context.address, password, await operators.passwordOf(name)))) {
        throw new OperationError('forbidden', 'the password is wrong');
      }
      guesses.succeed(...parties);
      const known = await operators.passkeysOf(name);
      if (known.length >= passkeysMax)
        throw new OperationError('invalid', `there are ${known.length} passkeys: remove one`);
      const options = await registrationOptions(page, name, known);
      challenges.give(options.challenge, addingFor(name));
      return { options: { ...options } };
    },
    'passkeys.add': async ({ label, response }, context) => {
      const { name } = context.operator!;
      refuseUnlessLine('label', label);
      const takes = (challenge: string): boolean => challenges.take(challenge, addingFor(name));
      const made = await madePasskey(pageOf(context), response, takes);
      if (made === undefined) throw new OperationError('invalid', 'this is no passkey that was just asked for');
      const isAdded = await operators.addPasskey({ ...made, operator: name, label, createdAt: now(), usedAt: null });
      if (!isAdded) throw new OperationError('exists', 'this passkey is there already');
      return {};
    },
    'passkeys.remove': async ({ id }, { operator }) => {
      if (!(await operators.removePasskey(operator!.name, id)))
        throw new OperationError('unknown', 'there is no such passkey');
      return {};
    },
  };
}

function pageOf({ origin }: OperationContext): PasskeyPage {
  const page = passkeyPage(origin);
  if (page !== undefined) return page;
  throw new OperationError(
    'invalid',
    'passkeys are for pages that are reached by a name, as https://faces.example or http://localhost:8081',
  );
}

/** The operator's API: signing in, and who may. */
import { digestOf, forgeryTokenOf, makeToken } from '../../../auth/operators.ts';
import { hashPassword } from '../../../auth/passwords.ts';
import type { OperationContext, OperationHandlers } from '../../../http/admin/api.ts';
import { OperationError } from '../../../http/admin/operation-error.ts';
import type { SessionBeginnings } from './sessions.ts';

type Handlers = Omit<
  Pick<OperationHandlers, Extract<keyof OperationHandlers, `session.${string}` | `operators.${string}`>>,
  'session.passkeyOptions' | 'session.usePasskey'
>;

/** @param beginnings how sessions begin, and who guesses. */
export function sessionHandlers(beginnings: SessionBeginnings): Handlers {
  const { operators, guesses, begin, now } = beginnings;
  return {
    'session.signIn': async ({ name, password }, context) => {
      const parties = [`name ${name}`, `address ${context.address}`];
      guesses.refuseUnlessRested(...parties);
      guesses.begin(...parties);
      if (!(await guesses.tryPassword(context.address, password, await operators.passwordOf(name)))) {
        throw new OperationError('signIn', 'the name or the password is wrong');
      }
      const operator = (await operators.list()).find((one) => one.name === name);
      if (operator === undefined) throw new OperationError('signIn', 'the name or the password is wrong');
      guesses.succeed(...parties);
      return begin(operator, context);
    },
    'session.readLink': async ({ token }) => {
      const name = await operators.findLink(digestOf(token), now());
      if (name === undefined) throw deadLink();
      return { name };
    },
    'session.useLink': async ({ token, password }, context) => {
      // The hash is made for nobody without a link: it costs as much as a sign-in.
      const name = await operators.findLink(digestOf(token), now());
      if (name === undefined) throw deadLink();
      const hash = await hashPassword(password);
      const operator = await context.actingAs(name, () => operators.useLink(digestOf(token), hash, now()));
      if (operator === undefined) throw deadLink();
      return begin(operator, context);
    },
    'session.show': async (_input, { operator, token }) => ({
      operator: operator!,
      forgeryToken: forgeryTokenOf(token!),
    }),
    'session.signOut': async ({ everywhere }, { operator, token, setToken }) => {
      await (everywhere ? operators.endSessions(operator!.name) : operators.endSession(digestOf(token!)));
      setToken(undefined);
      return {};
    },
    'operators.list': async () => ({ operators: [...(await operators.list())] }),
    'operators.invite': async ({ name, grant }) => {
      const token = makeToken();
      await operators.addLink(digestOf(token), name, grant, now());
      return { token };
    },
    'operators.set': async ({ name, grant }, context) => {
      refuseSelf(name, context);
      if (!(await operators.setGrant(name, grant))) throw unknownOperator(name);
      return {};
    },
    'operators.remove': async ({ name }, context) => {
      refuseSelf(name, context);
      if (!(await operators.remove(name))) throw unknownOperator(name);
      return {};
    },
  };
}

/** Nobody locks themselves out: another owner does it, or who has the command line. */
function refuseSelf(name: string, { operator }: OperationContext): void {
  if (operator?.name === name) throw new OperationError('invalid', 'nobody can do this to themselves');
}

function unknownOperator(name: string): OperationError {
  return new OperationError('unknown', `there is no operator ${name}`);
}

function deadLink(): OperationError {
  return new OperationError('unknown', 'this link was used, or is older than an hour: have another one made');
}

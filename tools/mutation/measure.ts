/** Measures the tests of layers: makes each mutant in a copy of the project and finds whether a test fails. */
import { type Attempt, attempt, recall } from './attempt.ts';
import { Digests } from './digests.ts';
import type { MeasuredLayer } from './layers.ts';
import { Memory } from './memory.ts';
import type { Mutant } from './mutants.ts';
import { observe } from './observe.ts';
import { type Choice, makePlan, type Plan } from './plan.ts';
import { Sandboxes } from './sandbox.ts';
import { isNoticed, type Result, type Tried } from './score.ts';
import { share } from './share.ts';

/** What to measure, and how. */
export interface Order extends Choice {
  readonly layers: readonly MeasuredLayer[];
  /** How many mutants are tried at once. */
  readonly jobs: number;
  /** The file in which results are stored for the next run; without one they are not stored. */
  readonly memory?: string;
  /** How long a test may hang before its mutant counts as noticed, beyond five times what it takes without; 5000. */
  readonly graceMs?: number;
  /** Whether to ignore the results of earlier runs. */
  readonly fresh?: boolean;
  /** Called with a line about the step that begins. */
  readonly say: (line: string) => void;
  /** Called with the progress. */
  readonly tell: (state: State) => void;
}

/** The progress of a measurement. */
export interface State {
  /** How many mutants were tried. */
  readonly done: number;
  readonly total: number;
  readonly noticed: number;
}

/** Tries mutants and returns the result of each layer. */
export async function measure(order: Order): Promise<readonly Result[]> {
  const { root, layers, say } = order;
  const memory = new Memory(order.memory, order.fresh);
  const digests = new Digests(root);
  using sandboxes = new Sandboxes(root, order.jobs);
  const plans: Plan[] = [];
  for (const layer of layers) {
    const plan = await makePlan(order, layer, sandboxes, digests, memory);
    if (plan.chosen.length > 0) say(`${layer.name}: ${plan.chosen.length} of ${plan.total} mutants are to be tried`);
    plans.push(plan);
  }
  const wanted = plans.filter(({ chosen }) => chosen.length > 0);
  const tried = new Map<Mutant, Tried>();
  const open: Attempt[] = [];
  for (const plan of wanted) {
    const observed = await observe(sandboxes, plan, digests, memory, say);
    for (const mutant of plan.chosen) {
      const known = recall(mutant, plan, observed, digests, memory);
      if ('fate' in known) tried.set(mutant, known);
      else open.push(known);
    }
  }
  const total = tried.size + open.length;
  const tell = () => order.tell({ done: tried.size, total, noticed: [...tried.values()].filter(isNoticed).length });
  tell();
  if (open.length > 0) {
    for (const sandbox of sandboxes.all()) sandbox.settle();
    await share(sandboxes.all(), open, async (sandbox, one) => {
      tried.set(one.mutant, await attempt(sandbox, one, memory, order.graceMs ?? 5_000));
      tell();
    });
  }
  return plans.map(({ layer, total, chosen, leftOut }) => ({
    ...{ name: layer.name, goal: layer.goal, total, leftOut },
    tried: chosen.flatMap((mutant) => tried.get(mutant) ?? []),
  }));
}

/** The operator's API: what pictures show, who it is, and enrolling it, by the functions that the face API calls. */
import { confidenceOf, matchConfidence } from '../../../contract/confidence.ts';
import type { EndpointName } from '../../../contract/endpoints.ts';
import { type Field, id, ids, readField, text } from '../../../contract/fields.ts';
import { refusals } from '../../../contract/refusals.ts';
import { fittedMost } from '../../../contract/score-meaning.ts';
import { fetchAndAnalyze, type PictureSource, type RequestContext } from '../../../domain/context.ts';
import { EnrolmentRefusal } from '../../../domain/enrolment.ts';
import type { Analysis, Likeness, Quality, ScoreScale } from '../../../domain/face-analyzer.ts';
import { addFaces } from '../../../domain/faces.ts';
import { listGroups } from '../../../domain/groups.ts';
import { registerPerson } from '../../../domain/persons.ts';
import { type Candidate, compare, type IdentifiedFace, identify, verify } from '../../../domain/recognition.ts';
import type { AskedIds, IdList, Store } from '../../../domain/stores.ts';
import { Refusal } from '../../../errors/refusals.ts';
import type { OperationContext, OperationHandlers } from '../../../http/admin/api.ts';
import type { OperatorAnswer, OperatorCalls } from '../../../http/operator-calls.ts';
import type { Stores } from '../../../store/open.ts';
import { mainFaceOf } from '../../../vision/pipeline/main-face.ts';
import { unknownTenant } from '../tenants.ts';

type Topic = 'recognise' | 'enrol';
type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `${Topic}.${string}`>>;

/** How many faces of a picture are described, the largest ones. */
const describedMax = 20;

/** The call of the face API that is made, and of what it tells. */
interface Wanted extends Partial<AskedIds> {
  readonly appid: string;
  readonly endpoint: EndpointName;
}

/** Makes a call with the pictures that were sent. @throws OrderRefused if there is no such appid. */
type MakeCall = <T>(
  wanted: Wanted,
  context: OperationContext,
  action: string,
  work: (context: RequestContext, pictures: readonly PictureSource[]) => Promise<T>,
) => Promise<OperatorAnswer<T>>;

/** Makes the handlers. */
export function recogniseHandlers(calls: OperatorCalls, stores: Pick<Stores, 'gallerySize'>): Handlers {
  const make: MakeCall = async ({ appid, endpoint, ...asked }, { operator, requestId, upload }, action, work) => {
    const ids = { persons: [], faces: [], groups: [], ...asked };
    const { lease, signal } = upload!;
    const call = {
      ...{ appid, endpoint, operator: operator!.name, action, requestId, asked: ids },
      ...{ pictures: upload!.take(), lease, signal },
    };
    const answer = await calls.make(call, work);
    if (answer === undefined) throw unknownTenant(appid);
    return answer;
  };
  return { ...lookHandlers(make), ...searchHandlers(make, stores), ...enrolHandlers(make) };
}

/** What pictures show, and whether two show one person. */
function lookHandlers(make: MakeCall): Pick<Handlers, 'recognise.analyse' | 'recognise.compare'> {
  return {
    'recognise.analyse': async ({ appid, contours }, context) => {
      const endpoint = contours ? 'shape' : 'detect';
      const answer = await make({ appid, endpoint }, context, 'recognise.analyse', (call, [picture]) =>
        fetchAndAnalyze(call, picture!, {
          facesMax: describedMax,
          tinyFaces: true,
          parts: ['attributes', 'quality', ...(contours ? (['shape'] as const) : [])],
        }),
      );
      const described = (answer.result?.faces ?? []).map(({ attributes, quality, shape }) => ({
        ...attributes,
        quality,
        ...(contours && { contours: pointsOf(shape) }),
      }));
      return { ...toldOf(answer), faces: described };
    },
    'recognise.compare': async ({ appid }, context) => {
      const answer = await make(
        { appid, endpoint: 'compare' },
        context,
        'recognise.compare',
        async (call, pictures) => {
          const compared = await compare(call, pictures[0]!, pictures[1]!);
          if ('refusal' in compared) throw compared.refusal;
          return likenessOf(compared, call.analyzer);
        },
      );
      const [first, second] = answer.analyses.map(seenIn);
      return {
        ...refusalOf(answer),
        ...(first !== undefined && { first }),
        ...(second !== undefined && { second }),
        ...(answer.result !== undefined && { likeness: answer.result }),
      };
    },
  };
}

/** Who of those that are registered a picture shows. */
function searchHandlers(
  make: MakeCall,
  stores: Pick<Stores, 'gallerySize'>,
): Pick<Handlers, 'recognise.identify' | 'recognise.verify'> {
  return {
    'recognise.identify': async ({ appid, groupIds }, context) => {
      const asked = { appid, endpoint: 'multidentify', groups: groupIds } as const;
      const answer = await make(asked, context, 'recognise.identify', async (call, [picture]) => {
        const named = groupIds.length > 0 ? readField('group_ids', ids(''), groupIds)! : await allGroups(call);
        const found = await identify(call, picture!, named, 'all');
        return { faces: await withNames(call.store, found), fittedMost: mostOf(call.analyzer) };
      });
      const gallery = await stores.gallerySize(appid, groupIds.length > 0 ? groupIds : undefined);
      const { faces = [], fittedMost: most = fittedMost } = answer.result ?? {};
      return { ...toldOf(answer), faces, fittedMost: most, gallery };
    },
    'recognise.verify': async ({ appid, personId }, context) => {
      const asked = { appid, endpoint: 'verify', persons: [personId] } as const;
      const answer = await make(asked, context, 'recognise.verify', async (call, [picture]) =>
        likenessOf(await verify(call, idOf(personId), picture!), call.analyzer),
      );
      const { result: likeness } = answer;
      const told = likeness && { likeness, isMatch: likeness.confidence >= matchConfidence };
      return { ...toldOf(answer), ...told };
    },
  };
}

/** Registers persons, and faces of persons who are registered. */
function enrolHandlers(make: MakeCall): Pick<Handlers, 'enrol.person' | 'enrol.face'> {
  return {
    'enrol.person': async ({ appid, personId, name, tag, groupIds }, context) => {
      const asked = { appid, endpoint: 'newperson', persons: [personId], groups: groupIds } as const;
      const answer = await make(asked, context, 'enrol.person', (call, [picture]) =>
        registerPerson(call, {
          person: { id: idOf(personId), name: textOf('person_name', name), tag: textOf('tag', tag) },
          groupIds: readField('group_ids', ids(''), groupIds)!,
          picture: picture!,
        }),
      );
      return { ...toldOf(answer), ...enrolledOf(answer.result ?? { quality: qualityIn(answer.refusal) }) };
    },
    'enrol.face': async ({ appid, personId, tag }, context) => {
      const asked = { appid, endpoint: 'addface', persons: [personId] } as const;
      const answer = await make(asked, context, 'enrol.face', async (call, pictures) => {
        const [added] = await addFaces(call, { personId: idOf(personId), tag: textOf('tag', tag), pictures });
        return added!;
      });
      const { result } = answer;
      const refused = result !== undefined && 'refusal' in result && { refusal: tell(new Refusal(result.refusal)) };
      return { ...toldOf(answer), ...refused, ...enrolledOf(result ?? { quality: qualityIn(answer.refusal) }) };
    },
  };
}

const idOf = (personId: string): string => readField('person_id', id(''), personId)!;
const textOf = (name: string, value: string): string => readField(name, text('') as Field<string>, value)!;

/** @throws Refusal `noGroups` if there is none. */
async function allGroups(context: RequestContext): Promise<readonly string[]> {
  const { json } = (await listGroups(context)) as IdList;
  return JSON.parse(typeof json === 'string' ? json : Buffer.from(json).toString('utf8')) as readonly string[];
}

/** The candidates with the names of the persons, as they are now. */
async function withNames(store: Store, faces: readonly IdentifiedFace[]) {
  const personIds = new Set(faces.flatMap(({ candidates }) => candidates.map(({ personId }) => personId)));
  const names = await store.read(async (snapshot) => {
    const found = await Promise.all([...personIds].map((personId) => snapshot.findPerson(personId)));
    return new Map(found.flatMap((person) => (person === undefined ? [] : [[person.id, person.name]])));
  });
  const told = ({ personId, faceId, tag, likeness }: Candidate) => ({
    ...{ personId, faceId, tag, name: names.get(personId) ?? '' },
    confidence: rounded(confidenceOf(likeness)),
    isSamePicture: likeness.samePicture,
  });
  return faces.map(({ candidates }) => ({
    candidates: candidates.map(told).sort((a, b) => b.confidence - a.confidence),
  }));
}

function likenessOf(likeness: Likeness, scale: ScoreScale) {
  const { samePicture: isSamePicture } = likeness;
  return { confidence: rounded(confidenceOf(likeness)), isSamePicture, fittedMost: mostOf(scale) };
}

/** The scale of a pack may end before the one that the contract speaks of. */
function mostOf(scale: ScoreScale): number {
  return Math.min(fittedMost, scale.scoreOf(1));
}

function toldOf(answer: OperatorAnswer<unknown>) {
  const seen = seenIn(answer.analyses[0]);
  return { ...refusalOf(answer), ...(seen !== undefined && { seen }) };
}

function refusalOf({ refusal }: OperatorAnswer<unknown>) {
  return refusal === undefined ? {} : { refusal: tell(refusal) };
}

function tell({ refusal, detail }: Refusal) {
  return { name: refusal, code: refusals[refusal].code, detail };
}

function qualityIn(refusal: Refusal | undefined): Quality | undefined {
  return refusal instanceof EnrolmentRefusal ? refusal.qualities[0] : undefined;
}

function enrolledOf({ faceId = '', quality }: { readonly faceId?: string; readonly quality: Quality | undefined }) {
  return { ...(faceId !== '' && { faceId }), ...(quality !== undefined && { quality }) };
}

function seenIn(analysis: Analysis<never> | undefined) {
  if (analysis === undefined) return undefined;
  const { width, height, faces, others } = analysis;
  const boxes = [...faces.map(({ box }) => box), ...others];
  const chosen = mainFaceOf(boxes, { width, height });
  return { width, height, boxes: boxes.map((box) => roundedAll(box)), ...(chosen >= 0 && { chosen }) };
}

function pointsOf<S extends Readonly<Record<keyof S, readonly { readonly x: number; readonly y: number }[]>>>(
  shape: S,
) {
  const lines = Object.entries<readonly { readonly x: number; readonly y: number }[]>(shape);
  return Object.fromEntries(lines.map(([name, points]) => [name, points.map((point) => roundedAll(point))])) as {
    [K in keyof S]: { x: number; y: number }[];
  };
}

function roundedAll<T extends Readonly<Record<keyof T, number>>>(values: T): T {
  return Object.fromEntries(Object.entries<number>(values).map(([name, value]) => [name, rounded(value)])) as T;
}

/** Two decimals, as the face API tells them. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

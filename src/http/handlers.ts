/** One handler for each endpoint: the only place where the words of the face API and those of the domain meet. */
import { confidenceOf, matchConfidence } from '../contract/confidence.ts';
import type { Input, Output, PictureInput } from '../contract/endpoint.ts';
import type { EndpointName, Endpoints } from '../contract/endpoints.ts';
import type { FaceBox, FaceItem, ShapeItem } from '../contract/face-item.ts';
import { refusals } from '../contract/refusals.ts';
import type { PictureSource, RequestContext } from '../domain/context.ts';
import type { Qualities } from '../domain/enrolment.ts';
import type { Box, FaceShape, Point } from '../domain/face-analyzer.ts';
import { addFaces, deleteFaces, getFace, listFaces } from '../domain/faces.ts';
import { joinGroups, leaveGroups, listGroups, listMembers } from '../domain/groups.ts';
import { deletePerson, getPerson, registerPerson, updatePerson } from '../domain/persons.ts';
import {
  type Candidate,
  compare,
  detectFaces,
  identify,
  type Mode,
  traceShapes,
  verify,
} from '../domain/recognition.ts';
import type { Face, IdList } from '../domain/stores.ts';
import { Refusal } from '../errors/refusals.ts';

/** One call as its handler sees it. */
export interface Call<E extends EndpointName> {
  readonly input: Input<Endpoints[E]>;
  readonly context: RequestContext;
  /** The request's own id. */
  readonly sessionId: string;
  readonly source: (picture: PictureInput) => PictureSource;
  /** Puts the qualities of the faces that were to be enrolled into a header of the answer. */
  readonly tellQualities: (qualities: Qualities) => void;
}

/** The data of an answer, where a list of ids may be encoded already. */
export type Answer<T> = { readonly [K in keyof T]: string[] extends T[K] ? T[K] | IdList : T[K] };

/** A handler for every endpoint: a missing or a spare one does not compile. */
export type Handlers = { readonly [E in EndpointName]: (call: Call<E>) => Promise<Answer<Output<Endpoints[E]>>> };

/** The handlers. Keys of an answer stand in the order in which they are sent. */
export const handlers: Handlers = {
  newperson: async ({ input, context, sessionId, source, tellQualities }) => {
    const { faceId, quality, groupIds } = await registerPerson(context, {
      person: { id: input.person_id, name: input.person_name ?? '', tag: input.tag ?? '' },
      groupIds: input.group_ids,
      picture: source(input.picture),
    });
    tellQualities([quality]);
    return {
      session_id: sessionId,
      suc_group: groupIds.length,
      suc_face: 1,
      person_id: input.person_id,
      face_id: faceId,
      group_ids: [...groupIds],
    };
  },
  delperson: async ({ input, context, sessionId }) => {
    await deletePerson(context, input.person_id);
    return { session_id: sessionId, deleted: 1, person_id: input.person_id };
  },
  addface: async ({ input, context, sessionId, source, tellQualities }) => {
    const added = await addFaces(context, {
      personId: input.person_id,
      tag: input.tag ?? '',
      pictures: input.pictures.map(source),
    });
    tellQualities(added.map(({ quality }) => quality));
    const codes = added.map((one) => ('refusal' in one ? refusals[one.refusal].code : 0));
    return {
      session_id: sessionId,
      added: codes.filter((code) => code === 0).length,
      face_ids: added.map((one) => one.faceId),
      ret_codes: codes,
    };
  },
  delface: async ({ input, context, sessionId }) => {
    const erased = await deleteFaces(context, input.person_id, input.face_ids);
    return { session_id: sessionId, deleted: erased.length, face_ids: [...erased] };
  },
  setinfo: async ({ input, context, sessionId }) => {
    await updatePerson(context, input.person_id, { name: input.person_name, tag: input.tag });
    return { session_id: sessionId, person_id: input.person_id };
  },
  getinfo: async ({ input, context, sessionId }) => {
    const { person, faceIds, groupIds } = await getPerson(context, input.person_id);
    return {
      person_name: person.name,
      person_id: person.id,
      face_ids: faceIds,
      group_ids: groupIds,
      session_id: sessionId,
      tag: person.tag,
    };
  },
  getgroupids: async ({ context }) => ({ group_ids: await listGroups(context) }),
  getpersonids: async ({ input, context }) => ({ person_ids: await listMembers(context, input.group_id) }),
  getfaceids: async ({ input, context }) => ({ face_ids: await listFaces(context, input.person_id) }),
  getfaceinfo: async ({ input, context }) => ({ face_info: faceItem(await getFace(context, input.face_id)) }),
  addgroupids: async ({ input, context, sessionId }) => {
    const { changed, groupIds } = await joinGroups(context, input.person_id, input.group_ids);
    return { session_id: sessionId, person_id: input.person_id, added: changed, group_ids: groupIds };
  },
  detect: async ({ input, context, sessionId, source }) => {
    const analysis = await detectFaces(context, source(input.picture), modeOf(input.mode));
    const described = analysis.faces.map((face) => faceItem({ id: context.newFaceId(), ...face }));
    const placed = input.mode === 1 ? [] : analysis.others.map((box) => faceBox(context.newFaceId(), box));
    return {
      session_id: sessionId,
      image_width: analysis.width,
      image_height: analysis.height,
      face: [...described, ...placed],
    };
  },
  shape: async ({ input, context, sessionId, source }) => {
    const { width, height, shapes } = await traceShapes(context, source(input.picture), modeOf(input.mode));
    return { session_id: sessionId, image_width: width, image_height: height, face_shape: shapes.map(shapeItem) };
  },
  compare: async ({ input, context, sessionId, source }) => {
    const compared = await compare(context, source(input.first), source(input.second));
    if ('score' in compared) return { session_id: sessionId, similarity: rounded(confidenceOf(compared)) };
    const { refusal, detail } = compared.refusal;
    const data = { session_id: sessionId, similarity: 0, fail_flag: compared.at };
    throw new Refusal(refusal, detail, { cause: compared.refusal.cause, data });
  },
  verify: async ({ input, context, sessionId, source }) => {
    const likeness = await verify(context, input.person_id, source(input.picture));
    const confidence = rounded(confidenceOf(likeness));
    const ismatch = confidence >= matchConfidence;
    if (ismatch) context.onSeen(likeness.faceId);
    return { session_id: sessionId, confidence, ismatch };
  },
  identify: async ({ input, context, sessionId, source }) => {
    const [face] = await identify(context, source(input.picture), groupsOf(input), 'largest');
    return { session_id: sessionId, candidates: tellCandidates(context, face?.candidates ?? []) };
  },
  multidentify: async ({ input, context, sessionId, source }) => {
    const faces = await identify(context, source(input.picture), groupsOf(input), 'all');
    return {
      session_id: input.session_id || sessionId,
      results: faces.map(({ box, candidates }) => ({
        candidates: tellCandidates(context, candidates),
        face_rect: faceRect(box),
      })),
    };
  },
  delgroupids: async ({ input, context, sessionId }) => {
    const { changed, groupIds } = await leaveGroups(context, input.person_id, input.group_ids);
    return { session_id: sessionId, person_id: input.person_id, deleted: changed, group_ids: groupIds };
  },
};

function faceItem({ id, box, attributes }: Pick<Face, 'id' | 'box' | 'attributes'>): FaceItem {
  return {
    ...faceBox(id, box),
    gender: attributes.gender,
    age: attributes.age,
    expression: attributes.expression,
    glass: attributes.glass,
    pitch: attributes.pitch,
    yaw: attributes.yaw,
    roll: attributes.roll,
  };
}

function faceBox(id: string, { x, y, width, height }: Box): FaceBox {
  return { face_id: id, x: Math.round(x), y: Math.round(y), width: rounded(width), height: rounded(height) };
}

function shapeItem(shape: FaceShape): ShapeItem {
  return {
    face_profile: shape.profile.map(pixel),
    left_eye: shape.leftEye.map(pixel),
    right_eye: shape.rightEye.map(pixel),
    left_eyebrow: shape.leftEyebrow.map(pixel),
    right_eyebrow: shape.rightEyebrow.map(pixel),
    mouth: shape.mouth.map(pixel),
    nose: shape.nose.map(pixel),
  };
}

function pixel({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
}

function faceRect({ x, y, width, height }: Box): Output<Endpoints['multidentify']>['results'][number]['face_rect'] {
  return {
    x: Math.round(x),
    y: Math.round(y),
    width: Math.max(1, Math.round(width)),
    height: Math.max(1, Math.round(height)),
  };
}

/**
 * Best first; those of one confidence, before it is rounded, stay in the order of the search. The best one is seen if verify would
 * call it a match.
 */
function tellCandidates(
  context: RequestContext,
  candidates: readonly Candidate[],
): Output<Endpoints['identify']>['candidates'] {
  const told = candidates
    .map((candidate) => ({ ...candidate, confidence: confidenceOf(candidate.likeness) }))
    .sort((a, b) => b.confidence - a.confidence)
    .map(({ personId, faceId, confidence, tag }) => ({
      person_id: personId,
      face_id: faceId,
      confidence: rounded(confidence),
      tag,
    }));
  const [best] = told;
  if (best !== undefined && best.confidence >= matchConfidence) context.onSeen(best.face_id);
  return told;
}

function groupsOf(input: Pick<Input<Endpoints['identify']>, 'group_id' | 'group_ids'>): readonly string[] {
  return [...(input.group_id === undefined ? [] : [input.group_id]), ...(input.group_ids ?? [])];
}

function modeOf(mode: 0 | 1 | undefined): Mode {
  return mode === 1 ? 'largest' : 'all';
}

/** Two decimals, as stored faces have them. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

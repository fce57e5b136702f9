/** One handler for each endpoint: the only place where the words of the face API and those of the domain meet. */
import type { Input, Output, PictureInput } from '../contract/endpoint.ts';
import type { EndpointName, Endpoints } from '../contract/endpoints.ts';
import type { FaceBox, FaceItem, ShapeItem } from '../contract/face-item.ts';
import type { Desk, PictureSource } from '../domain/desk.ts';
import type { Box, FaceShape, Point } from '../domain/eyes.ts';
import { addFaces, eraseFaces, listFaces, lookUpFace } from '../domain/faces.ts';
import { joinGroups, leaveGroups, listGroups, listMembers } from '../domain/groups.ts';
import { describe, erase, lookUp, register } from '../domain/persons.ts';
import { type Candidate, compare, findFaces, identify, type Mode, traceFaces, verify } from '../domain/recognition.ts';
import type { Face } from '../domain/stores.ts';
import { Refusal, refusals } from '../errors/refusals.ts';

/** One call as its handler sees it. */
export interface Call<E extends EndpointName> {
  readonly input: Input<Endpoints[E]>;
  readonly desk: Desk;
  /** The request's own id. */
  readonly sessionId: string;
  readonly source: (picture: PictureInput) => PictureSource;
}

/** A handler for every endpoint: a missing or a spare one does not compile. */
export type Handlers = { readonly [E in EndpointName]: (call: Call<E>) => Promise<Output<Endpoints[E]>> };

/** The handlers. Keys of an answer stand in the order in which they are sent. */
export const handlers: Handlers = {
  newperson: async ({ input, desk, sessionId, source }) => {
    const { faceId, groupIds } = await register(desk, {
      person: { id: input.person_id, name: input.person_name ?? '', tag: input.tag ?? '' },
      groupIds: input.group_ids,
      picture: source(input.picture),
    });
    return {
      session_id: sessionId,
      suc_group: groupIds.length,
      suc_face: 1,
      person_id: input.person_id,
      face_id: faceId,
      group_ids: [...groupIds],
    };
  },
  delperson: async ({ input, desk, sessionId }) => {
    await erase(desk, input.person_id);
    return { session_id: sessionId, deleted: 1, person_id: input.person_id };
  },
  addface: async ({ input, desk, sessionId, source }) => {
    const added = await addFaces(desk, {
      personId: input.person_id,
      tag: input.tag ?? '',
      pictures: input.pictures.map(source),
    });
    const codes = added.map((one) => ('refusal' in one ? refusals[one.refusal].code : 0));
    return {
      session_id: sessionId,
      added: codes.filter((code) => code === 0).length,
      face_ids: added.map((one) => one.faceId),
      ret_codes: codes,
    };
  },
  delface: async ({ input, desk, sessionId }) => {
    const erased = await eraseFaces(desk, input.person_id, input.face_ids);
    return { session_id: sessionId, deleted: erased.length, face_ids: [...erased] };
  },
  setinfo: async ({ input, desk, sessionId }) => {
    await describe(desk, input.person_id, { name: input.person_name, tag: input.tag });
    return { session_id: sessionId, person_id: input.person_id };
  },
  getinfo: async ({ input, desk, sessionId }) => {
    const { person, faceIds, groupIds } = await lookUp(desk, input.person_id);
    return {
      person_name: person.name,
      person_id: person.id,
      face_ids: [...faceIds],
      group_ids: [...groupIds],
      session_id: sessionId,
      tag: person.tag,
    };
  },
  getgroupids: async ({ desk }) => ({ group_ids: [...(await listGroups(desk))] }),
  getpersonids: async ({ input, desk }) => ({ person_ids: [...(await listMembers(desk, input.group_id))] }),
  getfaceids: async ({ input, desk }) => ({ face_ids: [...(await listFaces(desk, input.person_id))] }),
  getfaceinfo: async ({ input, desk }) => ({ face_info: faceItem(await lookUpFace(desk, input.face_id)) }),
  addgroupids: async ({ input, desk, sessionId }) => {
    const { changed, groupIds } = await joinGroups(desk, input.person_id, input.group_ids);
    return { session_id: sessionId, person_id: input.person_id, added: changed, group_ids: [...groupIds] };
  },
  detect: async ({ input, desk, sessionId, source }) => {
    const sight = await findFaces(desk, source(input.picture), modeOf(input.mode));
    const described = sight.faces.map((face) => faceItem({ id: desk.newFaceId(), ...face }));
    const placed = input.mode === 1 ? [] : sight.others.map((box) => faceBox(desk.newFaceId(), box));
    return {
      session_id: sessionId,
      image_width: sight.width,
      image_height: sight.height,
      face: [...described, ...placed],
    };
  },
  shape: async ({ input, desk, sessionId, source }) => {
    const { width, height, shapes } = await traceFaces(desk, source(input.picture), modeOf(input.mode));
    return { session_id: sessionId, image_width: width, image_height: height, face_shape: shapes.map(shapeItem) };
  },
  compare: async ({ input, desk, sessionId, source }) => {
    const compared = await compare(desk, source(input.first), source(input.second));
    if ('similarity' in compared) return { session_id: sessionId, similarity: rounded(compared.similarity) };
    const { refusal, detail } = compared.refusal;
    const data = { session_id: sessionId, similarity: 0, fail_flag: compared.at };
    throw new Refusal(refusal, detail, { cause: compared.refusal.cause, data });
  },
  verify: async ({ input, desk, sessionId, source }) => {
    const { confidence, isMatch } = await verify(desk, input.person_id, source(input.picture));
    return { session_id: sessionId, confidence, ismatch: isMatch };
  },
  identify: async ({ input, desk, sessionId, source }) => {
    const [face] = await identify(desk, source(input.picture), groupsOf(input), 'largest');
    return { session_id: sessionId, candidates: face?.candidates.map(candidate) ?? [] };
  },
  multidentify: async ({ input, desk, sessionId, source }) => {
    const faces = await identify(desk, source(input.picture), groupsOf(input), 'all');
    return {
      session_id: input.session_id || sessionId,
      results: faces.map(({ box, candidates }) => ({
        candidates: candidates.map(candidate),
        face_rect: faceRect(box),
      })),
    };
  },
  delgroupids: async ({ input, desk, sessionId }) => {
    const { changed, groupIds } = await leaveGroups(desk, input.person_id, input.group_ids);
    return { session_id: sessionId, person_id: input.person_id, deleted: changed, group_ids: [...groupIds] };
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

function candidate({
  personId,
  faceId,
  confidence,
  tag,
}: Candidate): Output<Endpoints['identify']>['candidates'][number] {
  return { person_id: personId, face_id: faceId, confidence: rounded(confidence), tag };
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

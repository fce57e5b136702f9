/** Every text of the console, in English and in Chinese: a file for each part of it. */
import { auditTexts } from './audit.ts';
import { enrolTexts } from './enrol.ts';
import { frameTexts } from './frame.ts';
import { liveTexts } from './live.ts';
import { modelsTexts } from './models.ts';
import { operatorsTexts } from './operators.ts';
import { overviewTexts } from './overview.ts';
import { passkeyTexts } from './passkeys.ts';
import { pictureTexts } from './pictures.ts';
import { recogniseTexts } from './recognise.ts';
import { registerTexts } from './register.ts';
import { reviewTexts } from './review.ts';
import { sessionTexts } from './session.ts';
import { startTexts } from './start.ts';
import { tenantsTexts } from './tenants.ts';
import { thresholdTexts } from './threshold.ts';
import { upkeepTexts } from './upkeep.ts';
import { usageTexts } from './usage.ts';

/** By name: English, Chinese. A name begins with the part that it belongs to, so that no two files have one name. */
export const texts = {
  ...frameTexts,
  ...sessionTexts,
  ...passkeyTexts,
  ...overviewTexts,
  ...startTexts,
  ...liveTexts,
  ...registerTexts,
  ...tenantsTexts,
  ...modelsTexts,
  ...reviewTexts,
  ...upkeepTexts,
  ...usageTexts,
  ...auditTexts,
  ...operatorsTexts,
  ...pictureTexts,
  ...recogniseTexts,
  ...enrolTexts,
  ...thresholdTexts,
} as const;

/** The name of a text. */
export type TextName = keyof typeof texts;

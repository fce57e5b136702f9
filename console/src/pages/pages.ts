/** The pages of the console: a row for each, from which its routes and its navigation follow. */
import type { ComponentType } from 'preact';
import { isGranted, type Operator } from '../session.tsx';
import type { TextName } from '../text/texts.ts';
import { AccountPage } from './account.tsx';
import { AuditPage } from './audit.tsx';
import { CodesPage } from './codes.tsx';
import { ComparePage } from './compare.tsx';
import { EnrolPage } from './enrol.tsx';
import { GroupsPage } from './groups.tsx';
import { ImportPage } from './import.tsx';
import { LivePage } from './live.tsx';
import { ModelsPage } from './models.tsx';
import { OperatorsPage } from './operators.tsx';
import { OverviewPage } from './overview.tsx';
import { PersonPage } from './person.tsx';
import { PersonsPage } from './persons.tsx';
import { RecognisePage } from './recognise.tsx';
import { ReviewPage } from './review.tsx';
import { StartPage } from './start.tsx';
import { TenantPage } from './tenant.tsx';
import { TenantsPage } from './tenants.tsx';
import { ThresholdPage } from './threshold.tsx';
import { UpkeepPage } from './upkeep.tsx';
import { UsagePage } from './usage.tsx';

/** A page of the navigation. What its path names in `:words` it gets. */
export interface Page {
  readonly path: string;
  /** What may follow the path: `/:code?`. */
  readonly rest?: string;
  readonly name: TextName;
  /** Whether it stands in the menu of who is signed in, and not among the pages. */
  readonly isInMenu?: true;
  readonly page: ComponentType<Readonly<Record<string, string | undefined>>>;
  /** Whether it is for this operator. */
  readonly isFor: (operator: Operator) => boolean;
}

/** A page of one appid. What its path names in `:words` it gets, too. */
export interface TenantPageRow {
  /** After `/tenants/<appid>`. */
  readonly path: string;
  readonly name: TextName;
  /** False if it is reached from other pages alone. */
  readonly isInMenu?: false;
  readonly page: ComponentType<{ readonly appid: string } & Readonly<Record<string, string | undefined>>>;
  /** Whether it is for this operator. */
  readonly isFor: (operator: Operator, appid: string) => boolean;
}

const isForAll = () => true;
const isForOwners = (operator: Operator) => isGranted(operator, 'owner', null);
const isForInstallation = (operator: Operator) => isGranted(operator, 'reader', null);

/** Pages of the installation. */
export const pages: readonly Page[] = [
  { path: '/', name: 'nav.overview', page: OverviewPage, isFor: isForAll },
  { path: '/live', name: 'nav.live', page: LivePage, isFor: isForInstallation },
  { path: '/tenants', name: 'nav.tenants', page: TenantsPage, isFor: isForAll },
  { path: '/usage', name: 'nav.usage', page: UsagePage, isFor: isForAll },
  { path: '/codes', rest: '/:code?', name: 'nav.codes', page: CodesPage, isFor: isForAll },
  { path: '/audit', name: 'nav.audit', page: AuditPage, isFor: isForAll },
  { path: '/models', name: 'nav.models', page: ModelsPage, isFor: isForInstallation },
  { path: '/upkeep', name: 'nav.upkeep', page: UpkeepPage, isFor: isForOwners },
  { path: '/account', name: 'nav.account', page: AccountPage, isFor: isForAll, isInMenu: true },
  {
    path: '/operators',
    name: 'nav.operators',
    page: OperatorsPage,
    isFor: isForOwners,
  },
];

/** Pages of one appid. */
export const tenantPages: readonly TenantPageRow[] = [
  { path: '', name: 'nav.tenant', page: TenantPage, isFor: isForAll },
  { path: '/groups', name: 'register.groups', page: GroupsPage, isFor: isForAll },
  { path: '/groups/page/:query', name: 'register.groups', isInMenu: false, page: GroupsPage, isFor: isForAll },
  { path: '/persons', name: 'register.persons', page: PersonsPage, isFor: isForAll },
  { path: '/persons/page/:query', name: 'register.persons', isInMenu: false, page: PersonsPage, isFor: isForAll },
  { path: '/persons/:person', name: 'register.persons', isInMenu: false, page: PersonPage, isFor: isForAll },
  { path: '/start', name: 'nav.start', page: StartPage, isFor: isForAll },
  { path: '/review', name: 'nav.review', page: ReviewPage, isFor: isForAll },
  { path: '/import', name: 'nav.import', page: ImportPage, isFor: isForOwners },
  {
    path: '/enrol',
    name: 'nav.enrol',
    page: EnrolPage,
    isFor: (operator, appid) => isGranted(operator, 'editor', appid),
  },
  { path: '/recognise', name: 'nav.recognise', page: RecognisePage, isFor: isForAll },
  { path: '/compare', name: 'nav.compare', page: ComparePage, isFor: isForAll },
  { path: '/threshold', name: 'nav.threshold', page: ThresholdPage, isFor: isForAll },
];

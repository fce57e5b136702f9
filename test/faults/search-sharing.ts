import type { Fault } from './fault.ts';

const sharing = 'search/sharing.test.ts';

/** Faults in what searches share that wait together. */
export const searchSharing: readonly Fault[] = [
  {
    breaks: 'no tenant is answered with the persons of another',
    file: 'search/pool.ts',
    right: '    one.target === other.target &&\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches of two tenants that wait together are each answered with their own persons',
  },
  {
    breaks: 'a search gets a list as long as it asked for, whoever else asks',
    file: 'search/pool.ts',
    right: '    one.count === other.count &&\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches that wait together get lists as long as each asked for',
  },
  {
    breaks: 'a search looks into all of its groups, though another one looks into some of them',
    file: 'search/pool.ts',
    right: '    one.groupIds.length === other.groupIds.length &&\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches that wait together look into the groups that each asked for',
  },
  {
    breaks: 'a search looks into its own groups, though another one looks into as many',
    file: 'search/pool.ts',
    right: 'one.groupIds.every((id, i) => id === other.groupIds[i])',
    wrong: 'true',
    testFile: sharing,
    testName: 'searches that wait together look into the groups that each asked for',
  },
  {
    breaks: 'a shared scan does not go past its room',
    file: 'search/pool.ts',
    right: ' && hasRoom(job, probes.length)',
    wrong: '',
    testFile: sharing,
    testName: 'a scan is shared by searches of sixteen probes at most, however many wait',
  },
  {
    breaks: 'the probes of the search that comes count for the room of a scan, too',
    file: 'search/pool.ts',
    right: 'sum + search.probes.length, probes)',
    wrong: 'sum + search.probes.length, 0)',
    testFile: sharing,
    testName: 'a scan is shared by searches of sixteen probes at most, however many wait',
  },
  {
    breaks: 'each of the searches that share a scan gets its own lists',
    file: 'search/pool.ts',
    right: '    from += probes.length;\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches that share a scan get the lists of their own probes, in order',
  },
  {
    breaks: 'a search that comes while a scan waits for more threads is answered',
    file: 'search/pool.ts',
    right: 'job.isNew && isAlike',
    wrong: 'isAlike',
    testFile: sharing,
    testName: 'a search is not added to a scan that has begun',
  },
];

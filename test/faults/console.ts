import type { Fault } from './fault.ts';

const testFile = 'http/static-files.test.ts';

/** Faults in how the console's files are served. */
export const consoleFiles: readonly Fault[] = [
  {
    breaks: 'the page itself is asked for each time, since it names the files of its version',
    file: 'http/admin/static-files.ts',
    right: "if (isImmutable) reply.header('cache-control'",
    wrong: "reply.header('cache-control'",
    testFile,
    testName: 'the page is never kept, and what is named for its content is kept for ever',
  },
  {
    breaks: 'who does not take gzip gets none',
    file: 'http/admin/static-files.ts',
    right: 'return found !== null && Number(found[1] ?? 1) > 0;',
    wrong: 'return found !== null;',
    testFile,
    testName: 'a file comes compressed to whoever takes gzip, and plain to others',
  },
  {
    breaks: 'a page stands in no frame of another one',
    file: 'http/admin/headers.ts',
    right: '"frame-ancestors \'none\'",',
    wrong: '',
    testFile,
    testName: 'a page may run only its own scripts and styles, and stand in no frame',
  },
  {
    breaks: 'an installation whose console was not built starts',
    file: 'app/console.ts',
    right: "if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;",
    wrong: 'throw error;',
    testFile: 'console/bundle.test.ts',
    testName: 'the server reads the page and its files by their paths, and has none where nothing was built',
  },
];

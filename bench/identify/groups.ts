/**
 * Asks: what does identify cost in a registry of ten thousand groups, depending on the groups that a call names? Writes
 * `bench/results/identify-groups.md`: `node bench/identify/groups.ts [faces]`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { table } from '../../tools/markdown.ts';
import { facesPerPerson } from './fill.ts';
import {
  count,
  figures,
  identifiers,
  identifying,
  importNetworks,
  prepare,
  renderCircumstances,
  root,
  serve,
} from './subject.ts';

const page = join(root, 'bench', 'results', 'identify-groups.md');
const faces = Number(process.argv[2] ?? 1_000_000);
const persons = faces / facesPerPerson;
/** Each person is in one of the halls and in two of the teams. */
const [halls, teams] = [10, 9_990];
const loadMs = 8_000;

const hall = (i: number): string => `hall-${i % halls}`;
const team = (i: number): string => `team-${i % teams}`;
const some = (from: number, size: number, name: (i: number) => string): string[] =>
  Array.from({ length: size }, (_, i) => name(from + i));
const groupsOf = (person: number): string[] => [hall(person), team(person), team(person * 7 + 1)];

await using analysis = await importNetworks();
await using folder = await prepare(analysis, { faces, groupsOf });
console.log(`filled in ${folder.fillSeconds.toFixed(0)} s`);
await using server = await serve(folder, hall(0));
const [inHall, inTeam] = [persons / halls, (2 * persons) / teams];
const asked: Readonly<Record<string, (i: number) => readonly string[]>> = {
  [`one team of ${inTeam.toFixed(0)} persons`]: (i) => [team(i * 13)],
  [`100 teams, ${count(Math.round(100 * inTeam))} memberships`]: (i) => some(i * 13, 100, team),
  [`one hall of ${count(inHall)} persons`]: (i) => [hall(i)],
  [`5 halls, ${count(5 * inHall)} persons`]: (i) => some(i, 5, hall),
  '5 halls and 100 teams': (i) => [...some(i, 5, hall), ...some(i * 13, 100, team)],
  [`all ${halls} halls, ${count(persons)} persons`]: () => some(0, halls, hall),
};
const rows: string[][] = [];
for (const [what, groupIds] of Object.entries(asked)) {
  const measured = await identifying(server, folder.key, { ms: loadMs }, groupIds);
  rows.push([what, ...figures(measured)]);
  console.log(rows.at(-1)?.join(', '));
}
const megabytes = await server.memory();
await writeFile(
  page,
  `# Identify among ten thousand groups

Written by \`node bench/identify/groups.ts ${faces}\`. ${count(faces)} faces of ${count(persons)} made-up persons in one process and one appid; each is in one of ${halls} halls and
two of ${count(teams)} teams. ${identifiers} connections identify one picture of 1920 × 1350 a call; the load comes from the same machine.

${renderCircumstances(analysis)}
- resident after all: ${megabytes?.toFixed(0) ?? 'unknown'} MB

${table(['groups named', 'calls a second', 'p50 ms', 'p99 ms', 'search, median ms'], rows)}

"search" is the time from the embedding to the candidates. The rest of a call is the networks' time. A person's faces are stored with the
largest of the groups and listed by the others, where a comparison costs more.
`,
);
console.log(`written: ${page}`);

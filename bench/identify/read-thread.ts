/**
 * Measures how fast a thread reads rows from SQLite and does nothing with them: the upper bound for filling an index.
 */
import { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

/** A share of a database's faces. */
export interface Share {
  readonly file: string;
  /** Face ids, the first included and the last not. */
  readonly from: string;
  readonly to: string;
}

if (parentPort !== null) serve(parentPort, workerData as Share);

function serve(port: MessagePort, { file, from, to }: Share): void {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  const select = database.prepare(`select e.face_id, f.person_id, e.embedding from embeddings e
    join faces f on f.appid = e.appid and f.face_id = e.face_id where e.face_id >= ? and e.face_id < ?
      and e.appid = (select appid from registries) order by e.face_id`);
  select.setReturnArrays(true);
  port.once('message', () => {
    let rows = 0;
    for (const _ of select.iterate(from, to)) rows += 1;
    database.close();
    port.postMessage(rows);
  });
  port.postMessage('ready');
}

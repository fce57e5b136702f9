/**
 * Has the system kill a process when the one that started it ends, whatever it is doing then. A process that waits for its
 * pipe notices the end by itself; one that hangs in native code would hang on.
 */
import { spawnSync } from 'node:child_process';

/**
 * A program of util-linux that sets the signal that Linux sends a process when its parent ends (`PR_SET_PDEATHSIG` in
 * prctl(2)), and then becomes another program, for which the signal stays set. Node has no call for it.
 */
const places = ['/usr/bin/setpriv', '/bin/setpriv'];
const flags = ['--pdeathsig', 'KILL'];

/** The words that come before a command; none if the system has nothing of the kind, as macOS and Alpine. */
let prefix: readonly string[] | undefined;

/**
 * The command with which to start a process that is killed when the thread that starts it ends. It keeps its id. The command
 * as it is where that cannot be had.
 */
export function withParentDeathSignal(command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  prefix ??= findPrefix();
  return [...prefix, ...command] as [string, ...string[]];
}

/** Tried once: BusyBox has a program of the same name without the flag. */
function findPrefix(): readonly string[] {
  const place = places.find((path) => spawnSync(path, [...flags, 'true'], { stdio: 'ignore' }).status === 0);
  return place === undefined ? [] : [place, ...flags];
}

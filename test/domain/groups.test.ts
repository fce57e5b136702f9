import assert from 'node:assert/strict';
import test from 'node:test';
import { joinGroups, leaveGroups, listGroups, listMembers } from '../../src/domain/groups.ts';
import { limits } from '../store/fixtures.ts';
import { isRefused, openDesk, registered } from './desk.ts';

test('joining counts the groups that are new to the person, repeated ids once, and tells all of its groups', async () => {
  const desk = openDesk({ limits: { ...limits, groupsMax: 3 } });
  await registered(desk, 'ada', ['a'], { cosine: 1 });
  assert.deepEqual(await joinGroups(desk, 'ada', ['c', 'a', 'c', 'c']), { changed: 1, groupIds: ['a', 'c'] });
  assert.deepEqual(await joinGroups(desk, 'ada', ['a', 'b', 'c']), { changed: 1, groupIds: ['a', 'c', 'b'] });
});

test('leaving counts the groups left, repeated ids once, and tells the groups that the person is in now', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['a', 'b', 'c'], { cosine: 1 });
  await registered(desk, 'bob', ['a', 'other'], { cosine: 1 });
  const left = await leaveGroups(desk, 'ada', ['a', 'a', 'other', 'nothing']);
  assert.deepEqual(left, { changed: 1, groupIds: ['b', 'c'] });
  assert.deepEqual(await listMembers(desk, 'a'), ['bob']);
  assert.deepEqual(await listMembers(desk, 'other'), ['bob']);
  await isRefused(leaveGroups(desk, 'ada', ['a', 'nothing']), 'groupUnknown');
  assert.deepEqual(await leaveGroups(desk, 'ada', ['c', 'b']), { changed: 2, groupIds: [] });
});

test('groups are joined all of them or none', async () => {
  const desk = openDesk({ limits: { ...limits, groupsMax: 2, personsPerGroupMax: 1 } });
  await registered(desk, 'ada', ['a'], { cosine: 1 });
  await registered(desk, 'bob', ['full'], { cosine: 1 });
  await isRefused(joinGroups(desk, 'bob', ['a', 'full']), 'tooManyPersons', 'a');
  await isRefused(joinGroups(desk, 'ada', ['new']), 'tooManyGroups', 'new');
  await isRefused(joinGroups(desk, 'nobody', ['1', '2', '3']), 'tooManyGroups');
  const roomier = { ...desk, limits: { ...limits, personsPerGroupMax: 1 } };
  await isRefused(joinGroups(roomier, 'ada', ['new', 'full']), 'tooManyPersons', 'full');
  assert.deepEqual(await listGroups(desk), ['a', 'full']);
});

test('a group ends with its last member; what is not there is unknown, and an appid may have no groups', async () => {
  const desk = openDesk();
  await isRefused(listGroups(desk), 'noGroups');
  await registered(desk, 'ada', ['a'], { cosine: 1 });
  assert.deepEqual(await listGroups(desk), ['a']);
  await leaveGroups(desk, 'ada', ['a']);
  await isRefused(listMembers(desk, 'a'), 'groupUnknown', 'a');
  await isRefused(listGroups(desk), 'noGroups');
  await isRefused(joinGroups(desk, 'nobody', ['a']), 'personUnknown', 'nobody');
  await isRefused(leaveGroups(desk, 'nobody', ['a']), 'personUnknown', 'nobody');
});

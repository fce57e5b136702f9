import assert from 'node:assert/strict';
import test from 'node:test';
import { joinGroups, leaveGroups, listGroups, listMembers } from '../../src/domain/groups.ts';
import { idsOf, limits, listOf } from '../store/fixtures.ts';
import { isRefused, openContext, registered } from './memory-context.ts';

test('joining counts the groups that are new to the person, repeated ids once, and tells all of its groups', async () => {
  const context = openContext({ limits: { ...limits, groupsMax: 3 } });
  await registered(context, 'ada', ['a'], { cosine: 1 });
  assert.deepEqual(await joinGroups(context, 'ada', ['c', 'a', 'c', 'c']), {
    changed: 1,
    groupIds: listOf(['a', 'c']),
  });
  assert.deepEqual(await joinGroups(context, 'ada', ['a', 'b', 'c']), {
    changed: 1,
    groupIds: listOf(['a', 'c', 'b']),
  });
});

test('leaving counts the groups left, repeated ids once, and tells the groups that the person is in now', async () => {
  const context = openContext();
  await registered(context, 'ada', ['a', 'b', 'c'], { cosine: 1 });
  await registered(context, 'bob', ['a', 'other'], { cosine: 1 });
  const left = await leaveGroups(context, 'ada', ['a', 'a', 'other', 'nothing']);
  assert.deepEqual(left, { changed: 1, groupIds: listOf(['b', 'c']) });
  assert.deepEqual(idsOf(await listMembers(context, 'a')), ['bob']);
  assert.deepEqual(idsOf(await listMembers(context, 'other')), ['bob']);
  await isRefused(leaveGroups(context, 'ada', ['a', 'nothing']), 'groupUnknown');
  assert.deepEqual(await leaveGroups(context, 'ada', ['c', 'b']), { changed: 2, groupIds: listOf([]) });
});

test('groups are joined all of them or none', async () => {
  const context = openContext({ limits: { ...limits, groupsMax: 2, personsPerGroupMax: 1 } });
  await registered(context, 'ada', ['a'], { cosine: 1 });
  await registered(context, 'bob', ['full'], { cosine: 1 });
  await isRefused(joinGroups(context, 'bob', ['a', 'full']), 'tooManyPersons', 'a');
  await isRefused(joinGroups(context, 'ada', ['new']), 'tooManyGroups', 'new');
  await isRefused(joinGroups(context, 'nobody', ['1', '2', '3']), 'tooManyGroups');
  const roomier = { ...context, limits: { ...limits, personsPerGroupMax: 1 } };
  await isRefused(joinGroups(roomier, 'ada', ['new', 'full']), 'tooManyPersons', 'full');
  assert.deepEqual(idsOf(await listGroups(context)), ['a', 'full']);
});

test('a group ends with its last member; what is not there is unknown, and an appid may have no groups', async () => {
  const context = openContext();
  await isRefused(listGroups(context), 'noGroups');
  await registered(context, 'ada', ['a'], { cosine: 1 });
  assert.deepEqual(idsOf(await listGroups(context)), ['a']);
  await leaveGroups(context, 'ada', ['a']);
  await isRefused(listMembers(context, 'a'), 'groupUnknown', 'a');
  await isRefused(listGroups(context), 'noGroups');
  await isRefused(joinGroups(context, 'nobody', ['a']), 'personUnknown', 'nobody');
  await isRefused(leaveGroups(context, 'nobody', ['a']), 'personUnknown', 'nobody');
});

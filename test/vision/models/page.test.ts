import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { renderModelsPage } from '../../../tools/pages/models-page.ts';

it('the page of models says what the table of networks says', async () => {
  assert.equal(await readFile(new URL('../../../MODELS.md', import.meta.url), 'utf8'), renderModelsPage());
});

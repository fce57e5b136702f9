import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

test('the suite sees the server as a stranger does: it imports nothing but itself and packages', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts'));
  const imports = files.flatMap((file) => {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    return [...text.matchAll(/(?:from |import\(|require\(|\.resolve\()\s*'([^']+)'/g)].map(
      (found) => found[1] as string,
    );
  });
  assert.ok(imports.length > 20, 'the imports were found');
  const foreign = imports.filter((target) => !/^(node:|\.\/[\w-]+\.ts$|sharp$|image-node-sdk$)/.test(target));
  assert.deepEqual(foreign, []);
});

/** Writes JSON Schema as a TypeScript type. */
import type { Json, JsonObject } from '../../src/contract/projections/schema.ts';

/**
 * The type of the values that a schema describes, everything in it read-only.
 * @throws Error for a schema that no declaration has needed so far, so that none is silently taken for `unknown`.
 */
export function renderType(schema: JsonObject, indent = ''): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return either.map((one) => renderType(one as JsonObject, indent)).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return renderList(renderType(schema.items as JsonObject, indent));
    case 'object':
      return renderObject(schema, indent);
    default:
      throw new Error(`there is no type for ${JSON.stringify(schema)}`);
  }
}

/** A list of a type. */
export function renderList(type: string): string {
  return /^\w+$/.test(type) ? `readonly ${type}[]` : `ReadonlyArray<${type}>`;
}

/** A member of an interface, with its docstring. */
export function renderMember(name: string, type: string, required: boolean, about: Json, indent: string): string {
  const doc = typeof about === 'string' ? `${indent}/** ${about} */\n` : '';
  return `${doc}${indent}readonly ${name}${required ? '' : '?'}: ${type}${required ? '' : ' | undefined'};`;
}

function renderObject(schema: JsonObject, indent: string): string {
  const required = schema.required as readonly string[] | undefined;
  const members = Object.entries(schema.properties as Record<string, JsonObject>).map(([name, member]) => {
    const type = renderType(member, `${indent}  `);
    return renderMember(name, type, required?.includes(name) ?? false, member.description ?? null, `${indent}  `);
  });
  return `{\n${members.join('\n')}\n${indent}}`;
}

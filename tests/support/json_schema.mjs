// As much of JSON Schema (draft 2020-12) as docs/log-line.schema.json uses. A keyword that is not known here is an
// error: nothing is taken for checked that was not.

const KNOWN = new Set(['$schema', 'title', 'type', 'required', 'properties', 'propertyNames', 'additionalProperties', 'enum', 'pattern']);

function typeOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

// What is wrong with `value`; nothing for what is right.
export function violation(value, schema, path = 'line') {
  for (const keyword of Object.keys(schema)) if (!KNOWN.has(keyword)) throw new Error(`unknown keyword ${keyword}`);
  if (schema.type && ![schema.type].flat().includes(typeOf(value))) return `${path} is of type ${typeOf(value)}`;
  if (schema.enum && !schema.enum.includes(value)) return `${path} is ${JSON.stringify(value)}`;
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) return `${path} is ${JSON.stringify(value)}`;
  if (typeOf(value) !== 'object') return undefined;
  for (const name of schema.required ?? []) if (!(name in value)) return `${path} has no ${name}`;
  for (const [name, member] of Object.entries(value)) {
    const wrong = violation(member, schema.properties?.[name] ?? schema.additionalProperties ?? {}, `${path}.${name}`)
      ?? (schema.propertyNames && violation(name, schema.propertyNames, `the name of ${path}.${name}`));
    if (wrong) return wrong;
  }
  return undefined;
}

// The SBOM of the image: whether it is CycloneDX, by the schemas that its authors publish.
import { require } from './helm.mjs';

const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');

// What its schema minds about it, unknown members included; nothing where it is right.
export async function schemaComplaints(sbom) {
  const version = Object.values(Spec.Version).find((known) => known === sbom.specVersion);
  if (!version) return `${sbom.specVersion} is no version of CycloneDX`;
  return await new Validation.JsonStrictValidator(version).validate(JSON.stringify(sbom)) ?? '';
}

// The files that it names, with their SHA-256: a Map.
export function filesOf({ components }) {
  const files = components.flatMap(({ components: inner = [] }) => inner).filter(({ type }) => type === 'file');
  const programs = components.filter(({ type }) => type === 'application').map((program) => ({ ...program, name: `/usr/bin/${program.name}` }));
  return new Map([...files, ...programs].map(({ name, hashes }) => [name, hashes.find(({ alg }) => alg === 'SHA-256').content]));
}

// What an object must satisfy before it is stored: its name, its namespace, the schema of its kind.
import { type KubernetesObject, namespaces, type ResourceType, type Schema } from "./objects.ts";
import { badRequest, type Cause, forbidden, invalid, notFound } from "./status.ts";
import type { Store } from "./store.ts";

const labelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = new RegExp(`^${labelPattern}(\\.${labelPattern})*$`);
const label = new RegExp(`^${labelPattern}$`);
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'example.com', regex used for validation is '${labelPattern}(\\.${labelPattern})*')`;
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " +
  `(e.g. 'my-name',  or '123-abc', regex used for validation is '${labelPattern}')`;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const labelValueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Kinds of these groups have names with wider rules (system:masters). */
const freelyNamed = "rbac.authorization.k8s.io";

function nameCauses(type: ResourceType, name: string): Cause[] {
  if (type.group === freelyNamed) return [];
  const bad = (message: string): Cause => ({
    reason: "FieldValueInvalid",
    message: `Invalid value: "${name}": ${message}`,
    field: "metadata.name",
  });
  const strict = type.plural === "namespaces" || type.plural === "services";
  const longest = strict ? 63 : 253;
  return [
    ...(name.length > longest ? [bad(`must be no more than ${longest} bytes`)] : []),
    ...((strict ? label : subdomain).test(name) ? [] : [bad(strict ? labelRule : subdomainRule)]),
  ];
}

function labelCauses(labels: Readonly<Record<string, string>> = {}): Cause[] {
  return Object.values(labels).flatMap((value) => {
    const bad = (message: string): Cause => ({
      reason: "FieldValueInvalid",
      message: `Invalid value: "${value}": ${message}`,
      field: "metadata.labels",
    });
    return [
      ...(value.length > 63 ? [bad("must be no more than 63 bytes")] : []),
      ...(labelValue.test(value) ? [] : [bad(labelValueRule)]),
    ];
  });
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return value === null ? "null" : typeof value;
}

function schemaCauses(schema: Schema, value: unknown, field: string): Cause[] {
  const found = typeOf(value);
  if (found === "null") return [];
  if (schema.type !== undefined && found !== schema.type && !(schema.type === "number" && found === "integer")) {
    return [
      {
        reason: "FieldValueTypeInvalid",
        message: `Invalid value: "${found}": ${field} in body must be of type ${schema.type}: "${found}"`,
        field,
      },
    ];
  }
  if (schema.enum !== undefined && !schema.enum.includes(String(value))) {
    const supported = schema.enum.map((name) => `"${name}"`).join(", ");
    const message = `Unsupported value: "${String(value)}": supported values: ${supported}`;
    return [{ reason: "FieldValueNotSupported", message, field }];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, index) => schemaCauses(items, item, `${field}[${index}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  const below = (name: string) => (field === "" ? name : `${field}.${name}`);
  const missing = (schema.required ?? [])
    .filter((name) => Reflect.get(value, name) === undefined)
    .map((name) => ({ reason: "FieldValueRequired", message: "Required value", field: below(name) }));
  const inside = Object.entries(schema.properties ?? {})
    .filter(([name]) => Reflect.get(value, name) !== undefined)
    .flatMap(([name, property]) => schemaCauses(property, Reflect.get(value, name), below(name)));
  return [...missing, ...inside];
}

/** Throws 422 when the object's name, labels or fields are not what its kind allows. */
export function checkObject(type: ResourceType, object: KubernetesObject): void {
  const { name, labels } = object.metadata;
  const schema = type.custom?.schema;
  const causes = [
    ...nameCauses(type, name),
    ...labelCauses(labels),
    ...(schema === undefined ? [] : schemaCauses(schema, object, "")),
  ];
  if (causes.length > 0) throw invalid(type, name, causes);
}

/** Throws when nothing can be created in that namespace: it does not exist, or is on its way out. */
export function checkNamespace(store: Store, type: ResourceType, namespace: string, name: string): void {
  const found = store.get(namespaces, undefined, namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(type, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
    {
      reason: "NamespaceTerminating",
      message: `namespace ${namespace} is being terminated`,
      field: "metadata.namespace",
    },
  ]);
}

/** The object of a request's body: 400 when it is none, or one of another kind or namespace. */
export function readObject(type: ResourceType, namespace: string | undefined, body: unknown): KubernetesObject {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind})`);
  }
  const object = body as Partial<KubernetesObject>;
  const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
  if (object.kind !== type.kind || object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion ?? ""}) does not match the expected API version (${apiVersion}), or kind ${object.kind ?? ""} is not ${type.kind}`,
    );
  }
  const metadata = { ...object.metadata, name: object.metadata?.name ?? "" };
  if (namespace !== undefined) {
    if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    }
    metadata.namespace = namespace;
  }
  if (metadata.name === "" && metadata.generateName === undefined) {
    throw invalid(type, "", [
      {
        reason: "FieldValueRequired",
        message: "Required value: name or generateName is required",
        field: "metadata.name",
      },
    ]);
  }
  return { ...object, apiVersion, kind: type.kind, metadata };
}

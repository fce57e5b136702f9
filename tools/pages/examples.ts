/** Renders the example of a declaration as requests and as an answer. */
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { type EndpointName, pathOf } from '../../src/contract/endpoints.ts';
import { picturesOf } from '../../src/contract/projections/schema.ts';

/** Where the examples' server listens. */
const host = '127.0.0.1:8080';
const boundary = 'part';

/** One part of an example's form: a text, or the name of a picture's file. */
type Part = readonly [name: string, content: { readonly text: string } | { readonly file: string }];

/** The example as a request with a JSON body, as on the wire except for the signature. */
export function jsonExample(name: EndpointName, endpoint: Endpoint): string {
  return [...head(name), 'Content-Type: application/json', '', json(endpoint.example.request)].join('\n');
}

/** The example as a request with a form, pictures in it as bytes. */
export function formExample(name: EndpointName, endpoint: Endpoint): string {
  const parts = partsOf(endpoint).flatMap(([name, content]) => {
    const disposition = `Content-Disposition: form-data; name="${name}"`;
    const part =
      'text' in content
        ? [disposition, '', content.text]
        : [`${disposition}; filename="${content.file}"`, 'Content-Type: image/jpeg', '', `<bytes of ${content.file}>`];
    return [`--${boundary}`, ...part];
  });
  return [
    ...head(name),
    `Content-Type: multipart/form-data; boundary=${boundary}`,
    '',
    ...parts,
    `--${boundary}--`,
  ].join('\n');
}

/** The example as a curl command, with the signature in `$SIGN`. */
export function curlExample(name: EndpointName, endpoint: Endpoint): string {
  const parts = partsOf(endpoint).map(([name, content]) =>
    'text' in content ? `-F '${name}=${content.text}'` : `-F '${name}=@${content.file}'`,
  );
  return [`curl http://${host}${pathOf(name)}`, `-H "Authorization: $SIGN"`, ...parts].join(' \\\n  ');
}

/** The example's answer. */
export function answerExample(endpoint: Endpoint): string {
  return json({ code: 0, message: 'OK', data: endpoint.example.data });
}

function head(name: EndpointName): string[] {
  return [`POST ${pathOf(name)} HTTP/1.1`, `Host: ${host}`, 'Authorization: $SIGN'];
}

/** The request's fields in their order, with each picture's url turned into its file. */
function partsOf(endpoint: Endpoint): readonly Part[] {
  return Object.entries(endpoint.example.request).flatMap(([name, value]): Part[] => {
    const picture = picturesOf(endpoint).find(({ url }) => url === name);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one, i) => {
      const spelled = `${picture?.image ?? name}${Array.isArray(value) ? `[${i}]` : ''}`;
      return [spelled, picture === undefined ? { text: String(one) } : { file: fileOf(String(one)) }];
    });
  });
}

function fileOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/**
 * First programs that call the face API, ready to paste: each registers a person and recognises a face, by nothing but the language's usual
 * means. A test runs every one of them against a server.
 */

/** What a program is made with. */
export interface ProgramValues {
  /** The face API: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
  /** Comments above the two calls. */
  readonly person: string;
  readonly recognition: string;
}

/** A program with `@name@` in the place of each value. */
interface Program {
  readonly label: string;
  /** Where it is saved, and what then runs it. */
  readonly file: string;
  readonly command: string;
  readonly code: string;
}

const shell = String.raw`url='@url@' appid='@appid@' secret_id='@secretId@' secret_key='@secretKey@'

call() {
  now=$(date +%s)
  text="a=$appid&k=$secret_id&e=$((now + 60))&t=$now&r=$$&f="
  sign=$({ printf %s "$text" | openssl dgst -sha1 -hmac "$secret_key" -binary; printf %s "$text"; } | base64 | tr -d '\n')
  endpoint=$1
  shift
  curl -s "$url/face/$endpoint" -H "Authorization: $sign" -F "appid=$appid" "$@"
  echo
}

# @person@
call newperson -F person_id=ada -F 'group_ids[0]=friends' -F image=@ada.jpg

# @recognition@
call identify -F group_id=friends -F image=@somebody.jpg
`;

const node = `import { createHmac } from 'node:crypto';
import { openAsBlob } from 'node:fs';

const [url, appid, secretId, secretKey] = ['@url@', '@appid@', '@secretId@', '@secretKey@'];

function sign() {
  const now = Math.floor(Date.now() / 1000);
  const text = 'a=' + appid + '&k=' + secretId + '&e=' + (now + 60) + '&t=' + now + '&r=' + Math.random() + '&f=';
  const mac = createHmac('sha1', secretKey).update(text).digest();
  return Buffer.concat([mac, Buffer.from(text)]).toString('base64');
}

async function call(endpoint, fields, picture) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ appid, ...fields })) body.set(name, value);
  body.set('image', await openAsBlob(picture), picture);
  const headers = { authorization: sign() };
  const response = await fetch(url + '/face/' + endpoint, { method: 'POST', headers, body });
  return response.text();
}

// @person@
console.log(await call('newperson', { person_id: 'ada', 'group_ids[0]': 'friends' }, 'ada.jpg'));

// @recognition@
console.log(await call('identify', { group_id: 'friends' }, 'somebody.jpg'));
`;

const python = `# pip install requests
import base64, hashlib, hmac, random, time

import requests

url, appid, secret_id, secret_key = '@url@', '@appid@', '@secretId@', '@secretKey@'


def sign():
    now = int(time.time())
    text = f'a={appid}&k={secret_id}&e={now + 60}&t={now}&r={random.randrange(2**31)}&f='.encode()
    mac = hmac.new(secret_key.encode(), text, hashlib.sha1).digest()
    return base64.b64encode(mac + text).decode()


def call(endpoint, fields, picture):
    with open(picture, 'rb') as image:
        return requests.post(
            f'{url}/face/{endpoint}',
            headers={'Authorization': sign()},
            data={'appid': appid, **fields},
            files={'image': image},
        ).text


# @person@
print(call('newperson', {'person_id': 'ada', 'group_ids[0]': 'friends'}, 'ada.jpg'))

# @recognition@
print(call('identify', {'group_id': 'friends'}, 'somebody.jpg'))
`;

const java = String.raw`import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Face {
    static final String URL = "@url@", APPID = "@appid@", SECRET_ID = "@secretId@", SECRET_KEY = "@secretKey@";

    static String sign() throws Exception {
        long now = System.currentTimeMillis() / 1000;
        String text = "a=" + APPID + "&k=" + SECRET_ID + "&e=" + (now + 60) + "&t=" + now + "&r=" + System.nanoTime() + "&f=";
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(SECRET_KEY.getBytes("UTF-8"), "HmacSHA1"));
        ByteArrayOutputStream sign = new ByteArrayOutputStream();
        sign.write(mac.doFinal(text.getBytes("UTF-8")));
        sign.write(text.getBytes("UTF-8"));
        return Base64.getEncoder().encodeToString(sign.toByteArray());
    }

    static String call(String endpoint, Map<String, String> fields, String picture) throws Exception {
        String boundary = "part-" + System.nanoTime();
        String part = "--" + boundary + "\r\nContent-Disposition: form-data; name=";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write((part + "\"appid\"\r\n\r\n" + APPID + "\r\n").getBytes("UTF-8"));
        for (Map.Entry<String, String> field : fields.entrySet()) {
            body.write((part + '"' + field.getKey() + "\"\r\n\r\n" + field.getValue() + "\r\n").getBytes("UTF-8"));
        }
        body.write((part + "\"image\"; filename=\"" + picture + "\"\r\n\r\n").getBytes("UTF-8"));
        body.write(Files.readAllBytes(Path.of(picture)));
        body.write(("\r\n--" + boundary + "--\r\n").getBytes("UTF-8"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(URL + "/face/" + endpoint))
            .header("Authorization", sign())
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    public static void main(String[] arguments) throws Exception {
        // @person@
        System.out.println(call("newperson", Map.of("person_id", "ada", "group_ids[0]", "friends"), "ada.jpg"));

        // @recognition@
        System.out.println(call("identify", Map.of("group_id", "friends"), "somebody.jpg"));
    }
}
`;

const php = String.raw`<?php
const URL = '@url@', APPID = '@appid@', SECRET_ID = '@secretId@', SECRET_KEY = '@secretKey@';

function sign(): string
{
    $now = time();
    $text = 'a=' . APPID . '&k=' . SECRET_ID . '&e=' . ($now + 60) . '&t=' . $now . '&r=' . mt_rand() . '&f=';
    return base64_encode(hash_hmac('sha1', $text, SECRET_KEY, true) . $text);
}

function call(string $endpoint, array $fields, string $picture): string
{
    $curl = curl_init(URL . '/face/' . $endpoint);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => ['Authorization: ' . sign()],
        CURLOPT_POSTFIELDS => ['appid' => APPID, 'image' => new CURLFile($picture)] + $fields,
    ]);
    $answer = curl_exec($curl);
    return $answer === false ? curl_error($curl) : $answer;
}

// @person@
echo call('newperson', ['person_id' => 'ada', 'group_ids[0]' => 'friends'], 'ada.jpg'), "\n";

// @recognition@
echo call('identify', ['group_id' => 'friends'], 'somebody.jpg'), "\n";
`;

/** By language. */
export const programs = {
  curl: { label: 'curl', file: 'face.sh', command: 'sh face.sh', code: shell },
  node: { label: 'Node.js', file: 'face.mjs', command: 'node face.mjs', code: node },
  python: { label: 'Python', file: 'face.py', command: 'python3 face.py', code: python },
  java: { label: 'Java', file: 'Face.java', command: 'java Face.java', code: java },
  php: { label: 'PHP', file: 'face.php', command: 'php face.php', code: php },
} as const satisfies Readonly<Record<string, Program>>;

/** A language that there is a program for. */
export type ProgramLanguage = keyof typeof programs;

/** What the server lets into a credential or a url. It means the same between quotes in all of the languages. */
const plain = /^[\w.:/[\]-]*$/;

/**
 * The program in a language.
 * @throws Error if a value would be more than a value in it.
 */
export function programOf(language: ProgramLanguage, values: ProgramValues): string {
  const { url, appid, secretId, secretKey } = values;
  if (![url, appid, secretId, secretKey].every((value) => plain.test(value))) {
    throw new Error('a url or a credential with characters that the server does not let into it');
  }
  return programs[language].code.replaceAll(
    /@(url|appid|secretId|secretKey|person|recognition)@/g,
    (_, name: keyof ProgramValues) => values[name],
  );
}

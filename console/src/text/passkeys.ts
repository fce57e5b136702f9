/** Texts of passkeys: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const passkeyTexts = {
  'passkey.title': ['Passkeys', '通行密钥'],
  'passkey.says': [
    'A passkey signs in by a finger, a face, a PIN or a security key, and without a password. It cannot be guessed, or told to somebody.',
    '通行密钥用指纹、面容、PIN 或安全密钥登录，无需密码，不会被猜中，也无法告知他人。',
  ],
  'passkey.none': ['You have no passkey yet.', '您还没有通行密钥。'],
  'passkey.impossible': [
    'This page can have none: open the console by https and a name, or as http://localhost on the machine itself.',
    '此页面无法使用通行密钥：请通过 https 和域名打开控制台，或在本机使用 http://localhost。',
  ],
  'passkey.label': ['Name of the passkey', '通行密钥名称'],
  'passkey.host': ['Signs in at', '登录站点'],
  'passkey.password': ['Your password', '您的密码'],
  'passkey.wrongPassword': ['The password is wrong.', '密码错误。'],
  'passkey.add': ['Add a passkey', '添加通行密钥'],
  'passkey.refused': ['The browser has made none.', '浏览器未创建通行密钥。'],
  'passkey.removeSays': ['{label} no longer signs in.', '{label} 将无法再用于登录。'],
  'passkey.signIn': ['Sign in with a passkey', '使用通行密钥登录'],
  'passkey.unknown': ['This passkey is not known here, or was not used.', '此处不认识该通行密钥，或未使用它。'],
} as const satisfies Texts;

/** Texts of signing in: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const sessionTexts = {
  'signIn.title': ['Sign in', '登录'],
  'signIn.name': ['Name', '名称'],
  'signIn.password': ['Password', '密码'],
  'signIn.submit': ['Sign in', '登录'],
  'signIn.wrong': ['The name or the password is wrong.', '名称或密码错误。'],
  'signIn.over': [
    'Your session is over. Once you have signed in again, the page is as you left it.',
    '会话已结束。重新登录后，页面将保持原样。',
  ],
  'signIn.plain': [
    'This page came without https: whoever is on the network can read what you type. Use https, or a tunnel.',
    '此页面未使用 https，网络中的其他人可以读取您输入的内容。请使用 https 或隧道。',
  ],
  'signIn.help': [
    'No password yet, or forgotten? Whoever runs the server makes a link by the command below.',
    '还没有密码，或忘记了密码？请服务器管理员用以下命令生成链接。',
  ],
  'signIn.out': ['Sign out', '退出登录'],
  'signIn.outEverywhere': ['Sign out everywhere', '在所有设备上退出'],
  'link.title': ['Choose a password', '设置密码'],
  'link.for': ['You will sign in as {name}.', '您将以 {name} 的身份登录。'],
  'link.password': ['New password, at least 12 characters', '新密码，至少 12 个字符'],
  'link.again': ['The same again', '再输入一次'],
  'link.differ': ['The two are not the same.', '两次输入不一致。'],
  'link.dead': [
    'This link was used, or is older than an hour. Have another one made.',
    '此链接已使用，或已超过一小时，请重新生成。',
  ],
  'link.toSignIn': ['To the sign-in page', '前往登录页'],
} as const satisfies Texts;

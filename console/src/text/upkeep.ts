/** Texts of the doctor, backups, imports and jobs: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const upkeepTexts = {
  'job.running': ['Begun by {operator} at {at}.', '由 {operator} 于 {at} 开始。'],
  'job.done': ['Done for {operator} at {at}.', '由 {operator} 发起，于 {at} 完成。'],
  'job.failed': [
    'Not done. It was begun by {operator}, and ended at {at}.',
    '未完成。由 {operator} 发起，于 {at} 结束。',
  ],
  'job.progress': ['Progress', '进度'],
  'job.of': ['{done} of {total}', '已完成 {done}，共 {total}'],
  'job.stop': ['Stop', '停止'],
  'doctor.title': ['Doctor', '健康检查'],
  'doctor.says': [
    'Looks at what the installation needs, and says what is wrong and how to mend it. It changes nothing.',
    '检查运行所需的各项条件，指出问题及修复办法，不做任何修改。',
  ],
  'doctor.run': ['Examine', '开始检查'],
  'doctor.check': ['What', '检查项'],
  'doctor.state': ['State', '状态'],
  'doctor.found': ['Found', '结果'],
  'doctor.ok': ['Well', '正常'],
  'doctor.fault': ['Fault', '异常'],
  'backup.title': ['Backups', '备份'],
  'backup.says': [
    'A backup is made while the server runs, encrypted as the register is. Keep the master key in another place, and copies of backups on another machine.',
    '备份在服务器运行时进行，与登记库一样加密。请把主密钥另行保管，并将备份复制到其他机器。',
  ],
  'backup.none': [
    'The server was started without {flag}: name a folder by it.',
    '服务器启动时未设置 {flag}，请用它指定文件夹。',
  ],
  'backup.make': ['Make a backup', '创建备份'],
  'backup.made': [
    'The backup is made, and every file in it is as it was written.',
    '备份已创建，其中每个文件均与写入时一致。',
  ],
  'backup.verify': ['Check', '校验'],
  'backup.well': ['Every page is well, and every value can be decrypted.', '所有页面完好，所有数据均可解密。'],
  'backup.wellEncrypted': [
    'Every page is well. What is encrypted was not checked: its master key is not the one of this server.',
    '所有页面完好。加密内容未校验：其主密钥不是本服务器的主密钥。',
  ],
  'backup.empty': ['There is no backup yet.', '还没有备份。'],
  'backup.name': ['Name', '名称'],
  'import.says': [
    'Imports what lies in a folder on the server: pictures, tables and archives are put there first, since they may be larger than a browser can send. Calls go on meanwhile. An import that was interrupted goes on when it is begun again, and adds nothing twice.',
    '导入服务器上文件夹中的内容。图片、表格和归档可能大到浏览器无法上传，请先放入该文件夹。期间调用照常进行。中断的导入再次开始时会继续，不会重复添加。',
  ],
  'import.none': [
    'The server was started without {flag}: name a folder by it.',
    '服务器启动时未设置 {flag}，请用它指定文件夹。',
  ],
  'import.empty': ['The folder of {flag} holds nothing to import.', '{flag} 指定的文件夹中没有可导入的内容。'],
  'import.from': ['From', '来源'],
  'import.folders': [
    'Folders of pictures: each folder is a person, and the folders that it lies in are groups.',
    '图片文件夹：每个文件夹是一个个体，其上级文件夹为组。',
  ],
  'import.csv': [
    'A table of pictures: person_id, groups, name, tag, and file or url.',
    '图片表格：person_id、groups、name、tag，以及 file 或 url。',
  ],
  'import.archive': [
    'An archive that familiar export has written. It is not encrypted: delete it from the folder afterwards.',
    '由 familiar export 写出的归档，未加密，导入后请从文件夹中删除。',
  ],
  'import.group': ['Group of persons who are in none otherwise', '未指定组的个体所加入的组'],
  'import.dry': ['Check everything, and write nothing', '只检查，不写入'],
  'import.start': ['Import', '导入'],
  'import.persons': ['Persons registered', '已登记个体'],
  'import.added': ['Faces added', '已添加人脸'],
  'import.known': ['Faces that were there', '已存在的人脸'],
  'import.earlier': ['Done by an earlier run', '此前已处理'],
  'import.refused': ['Pictures refused', '被拒绝的图片'],
  'import.first': ['The first of them', '其中前若干张'],
  'import.picture': ['Picture', '图片'],
  'import.person': ['Person', '个体'],
} as const satisfies Texts;

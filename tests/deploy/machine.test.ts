// What the scripts learn of a machine before they start: tools, system, folder, registry.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, toolCommand } from '../../deploy/cluster/kubectl.ts'
import {
  familyOf,
  folderTrouble,
  installCommand,
  platformOf,
} from '../../deploy/cluster/machine.ts'
import { atLeast, versionIn } from '../../deploy/cluster/tools.ts'
import { registryKeys, registryOf } from '../../deploy/image/push.ts'

describe('versions', () => {
  test('are found in what tools print', () => {
    assert.equal(versionIn('Docker version 20.10.24+dfsg1, build 297e128'), '20.10.24')
    assert.equal(versionIn('{"clientVersion":{"gitVersion":"v1.34.0-rc.1"}}'), '1.34.0')
    assert.equal(versionIn('no number'), '')
  })

  test('are compared by number', () => {
    assert.ok(atLeast('1.27', '1.27'))
    assert.ok(atLeast('1.100', '1.27'))
    assert.ok(atLeast('2.0', '1.27'))
    assert.ok(!atLeast('1.9.9', '1.27'))
    assert.ok(!atLeast('19.3', '20.10'))
  })
})

describe('the platform', () => {
  test('is WSL if Linux says so', () => {
    assert.equal(platformOf('linux', {}), 'linux')
    assert.equal(platformOf('linux', { WSL_DISTRO_NAME: 'Debian' }), 'wsl')
    assert.equal(platformOf('win32', {}), 'windows')
    assert.equal(platformOf('darwin', {}), 'macos')
  })

  test('decides which one command installs a tool', () => {
    assert.match(installCommand('minikube', 'windows'), /^winget install /)
    assert.match(installCommand('kubectl', 'macos'), /^brew install /)
    assert.match(installCommand('docker', 'linux', 'debian'), /^sudo apt-get install /)
    assert.match(installCommand('docker', 'wsl', 'fedora'), /^sudo dnf install -y moby-engine/)
    assert.match(installCommand('docker', 'linux', 'rhel'), /docker-ce\.repo/)
    assert.match(installCommand('minikube', 'linux', 'arch'), /^sudo pacman -S .*minikube$/)
    assert.match(installCommand('docker', 'linux', 'suse'), /^sudo zypper install /)
    assert.match(installCommand('kubectl', 'linux', 'alpine'), /^sudo apk add kubectl$/)
    for (const family of ['fedora', 'suse', 'alpine', 'unknown'] as const) {
      const command = installCommand('minikube', 'linux', family)
      assert.match(command, /minikube-linux-(?:amd64|arm64) .*&& sudo install /)
    }
  })

  for (const [osRelease, family] of [
    ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 'debian'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['ID=fedora\nVERSION_ID=43\n', 'fedora'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'rhel'],
    ['ID_LIKE=arch\nID=manjaro\n', 'arch'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'suse'],
    ['ID=alpine\n', 'alpine'],
    ['ID=nixos\nBUILD_ID=debian\n', 'unknown'],
    ['', 'unknown'],
  ] as const) {
    test(`is of the family ${family} if os-release has ${JSON.stringify(osRelease)}`, () => {
      assert.equal(familyOf(osRelease), family)
    })
  }

  test('has npm only in folders with a drive letter', () => {
    assert.equal(folderTrouble('/home/me/project'), undefined)
    assert.equal(folderTrouble('C:\\project'), undefined)
    assert.equal(folderTrouble('\\\\?\\C:\\project'), undefined)
    assert.match(folderTrouble('\\\\server\\share\\project')?.remedy ?? '', /net use Z:/)
    assert.match(folderTrouble('\\\\wsl.localhost\\Debian\\project')?.remedy ?? '', /inside WSL$/)
  })
})

describe('a registry', () => {
  for (const [image, registry] of [
    ['me/data-service', 'docker.io'],
    ['data-service:1', 'docker.io'],
    ['localhost:5000/data-service', 'localhost:5000'],
    ['localhost/data-service', 'localhost'],
    ['registry.example.com/team/data-service:1', 'registry.example.com'],
  ] as const) {
    test(`of ${image} is ${registry}`, () => assert.equal(registryOf(image), registry))
  }

  test("of Docker Hub has docker's old key in config.json", () => {
    assert.ok(registryKeys('docker.io').includes('https://index.docker.io/v1/'))
  })
})

describe('a tool', () => {
  test('that is missing answers 127 and throws nothing', async () => {
    assert.equal((await ask('no-such-tool-here', [])).code, 127)
  })

  test('that hangs is ended at its deadline', async () => {
    const began = Date.now()
    const answer = await ask(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      seconds: 1,
    })
    assert.equal(answer.code, 124)
    assert.ok(Date.now() - began < 5000)
  })

  describe('on Windows', () => {
    const command = (...files: string[]) =>
      toolCommand('minikube', ['status', '-o', 'a "b"'], 'win32', { PATH: 'C:\\a;C:\\b' }, (path) =>
        files.includes(path),
      )

    test('is started by its name if it is a program, or nowhere', () => {
      for (const found of [command('C:\\b\\minikube.exe'), command()]) {
        assert.equal(found.file, 'minikube')
        assert.deepEqual(found.args, ['status', '-o', 'a "b"'])
      }
    })

    test('is started by cmd.exe if it is a .cmd file that comes first', () => {
      const found = command('C:\\a\\minikube.cmd', 'C:\\b\\minikube.exe')
      assert.equal(found.file, 'cmd.exe')
      assert.ok(found.windowsVerbatimArguments)
      assert.equal(found.args.at(-1), '""C:\\a\\minikube.cmd" "status" "-o" "a \\"b\\"""')
      assert.equal(command('C:\\a\\minikube.exe', 'C:\\a\\minikube.cmd').file, 'minikube')
    })
  })

  test('gets its input and gives both its streams', async () => {
    const program = 'process.stdin.pipe(process.stdout); console.error("e"); process.exitCode = 3'
    assert.deepEqual(await ask(process.execPath, ['-e', program], { input: 'in' }), {
      code: 3,
      out: 'in',
      err: 'e\n',
    })
  })
})

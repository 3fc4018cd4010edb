// What breaks deploy.ps1 in Windows PowerShell 5.1 or in 7, found without running it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { all, callsIn, functions, root, source, treeOf } from '../support/deploy/powershell-tree.ts'

/** The text without comments and strings, for rules about operators. */
function bare(text: string): string {
  return text
    .replace(/<#[\s\S]*?\n#>/g, '')
    .replace(/'(?:[^'\n]|'')*'/g, "''")
    .replace(/(^|\s)#.*$/gm, '$1')
    .replace(/"[^"\n]*"/g, '""')
}

// Cmdlets that 5.1 has under the same name and with the same parameters as used here.
const cmdlets = new Set(
  [
    'ConvertTo-Json',
    'ForEach-Object',
    'Get-Command',
    'Get-Variable',
    'Join-Path',
    'New-Object',
    'Out-Null',
    'Pop-Location',
    'Push-Location',
    'Select-Object',
    'Set-StrictMode',
    'Test-Path',
    'Write-Error',
    'Write-Output',
  ].map((name) => name.toLowerCase()),
)
const defined = new Map(functions.map((found) => [found.name.toLowerCase(), found]))

describe('deploy.ps1', () => {
  test('parses, and the parser does refuse what only PowerShell 7 knows', () => {
    assert.equal(root.hasError, false)
    for (const wrong of ['$a ?? $b', '$x = $a ? 1 : 2', 'if ($a) {', "@('a', 'b'"]) {
      assert.equal(treeOf(wrong).hasError, true, wrong)
    }
  })

  test('is ASCII: 5.1 reads a file without a byte order mark as ANSI', () => {
    assert.equal(
      [...source].find((character) => character > '~'),
      undefined,
    )
  })

  test('uses no operator that 5.1 lacks, and no redirection of errors', () => {
    const code = bare(source)
    for (const [name, pattern] of Object.entries({
      'pipeline chain': /&&|\|\|/,
      'null-conditional': /\?\.|\?\[/,
      'null-coalescing': /\?\?/,
      'redirected stderr': /\d>&?\d?|\*>/,
      'platform variable': /\$Is(?:Windows|Linux|MacOS|CoreCLR)\b/i,
      'as a hash table': /-AsHashtable/i,
      'formatted table': /Format-(?:Table|List)|Write-Host|Write-Progress/i,
      'expression from text': /Invoke-Expression|\biex\b/i,
      'unquoted Start-Process': /Start-Process/i,
      'three-part Join-Path': /Join-Path[ \t]+\S+[ \t]+\S+[ \t]+\S/,
    })) {
      assert.doesNotMatch(code, pattern, name)
    }
  })

  test('has no param block: $args has everything, and an exit in finally holds', () => {
    assert.deepEqual(
      all(root, 'param_block')
        .map(({ parent }) => parent?.type)
        .filter((type) => type === 'program'),
      [],
    )
    assert.doesNotMatch(bare(source), /CmdletBinding|\[Parameter\b/)
    assert.match(source, /Invoke-Main \(Read-Given \$args\)/)
  })

  test('says in Constrained Language Mode that it cannot work there, before anything else', () => {
    const [first] = all(root, 'if_statement')
    assert.match(
      first?.text ?? '',
      /^if \(\S+\.LanguageMode -ne 'FullLanguage'\) \{\s+Write-Error /,
    )
    assert.match(first?.text ?? '', /use WSL and \.\/deploy\.sh.*\s+exit 10\s+\}$/)
    assert.ok((first?.startIndex ?? 0) < source.indexOf('Set-StrictMode'))
  })

  test('sets strict mode and Stop, and leaves exit codes of native commands to the script', () => {
    assert.match(source, /^Set-StrictMode -Version Latest$/m)
    assert.match(source, /^\$ErrorActionPreference = 'Stop'$/m)
    assert.match(source, /^\$PSNativeCommandUseErrorActionPreference = \$false$/m)
  })

  test('runs native commands in one place', () => {
    const native = callsIn(root).filter(({ name }) => /^[a-z]+(?:\.[a-z]+)?$/.test(name))
    assert.deepEqual(
      native.map(({ name }) => name),
      [],
    )
    const invoked = callsIn(root).filter(({ node }) => node.text.startsWith('&'))
    assert.deepEqual(
      invoked.map(({ node }) => node.text),
      ['& $application @Arguments', '& ([scriptblock]::Create($Line))'],
    )
  })

  test('gives native commands arguments without double quotes and wildcards', () => {
    const wrappers = /^(?:Invoke-(?:Step|Open|Native|Apply)|Wait-Rollout|Show-Command)$/
    const texts = callsIn(root)
      .filter(({ name }) => wrappers.test(name))
      .flatMap(({ node }) => all(node, 'verbatim_string_characters', 'expandable_string_literal'))
      .map(({ text }) => text.replace(/^["']|["']$/g, ''))
    assert.ok(texts.length > 100, 'the arguments were found')
    for (const text of texts) assert.doesNotMatch(text, /["*?[\]]|^~|^$/, text)
  })

  test('calls only its own functions and cmdlets that 5.1 has', () => {
    const unknown = callsIn(root)
      .map(({ name }) => name.toLowerCase())
      .filter((name) => !/^\$|^\(/.test(name) && !defined.has(name) && !cmdlets.has(name))
    assert.deepEqual(unknown, [])
  })

  test('calls its functions with no more arguments than they take', () => {
    for (const { name, elements } of callsIn(root)) {
      const called = defined.get(name.toLowerCase())
      if (called === undefined) continue
      assert.ok(
        elements.length <= called.parameters.length,
        `${name} takes ${called.parameters.length}: ${elements.join(' ')}`,
      )
    }
  })

  test('reads no variable that is not set: strict mode would throw', () => {
    const script = new Set(
      [...source.matchAll(/^\s*(?:\[[^\n]*\])?\$(?:script:)?(\w+)(?:,$| =|,$|$)/gm)].map(
        ([, name = '']) => name.toLowerCase(),
      ),
    )
    const given = new Set(['_', 'true', 'false', 'null', 'lastexitcode', 'psscriptroot'])
    for (const { name, node, parameters } of functions) {
      const own = new Set([...parameters, ...given])
      for (const found of all(node, 'left_assignment_expression', 'foreach_statement')) {
        const set = all(found, 'variable')[0]?.text.slice(1).toLowerCase()
        if (set !== undefined) own.add(set)
      }
      for (const variable of all(node, 'variable')) {
        const text = variable.text.replace(/^[$@]\{?|\}$/g, '').toLowerCase()
        if (text.startsWith('env:') || text.startsWith('global:')) continue
        if (text.startsWith('script:')) {
          assert.ok(script.has(text.slice(7)), `${name} reads $${text}`)
        } else if (text !== 'onwindows') assert.ok(own.has(text), `${name} reads $${text}`)
      }
    }
  })

  test('assigns no automatic variable', () => {
    const automatic = /^\$(?:args|error|event|home|host|input|matches|pid|profile|pwd|this)$/i
    for (const found of all(root, 'left_assignment_expression', 'script_parameter')) {
      for (const variable of all(found, 'variable')) assert.doesNotMatch(variable.text, automatic)
    }
  })

  test('ends only at its end: exit inside a function would close a session', () => {
    for (const { name, node } of functions) {
      for (const flow of all(node, 'flow_control_statement')) {
        assert.doesNotMatch(flow.text, /^exit\b/, name)
      }
    }
    assert.match(source, /if \(-not \$done\) \{ exit 130 \}\n\}\nexit \$script:ExitCode\n$/)
  })

  test('gives JSON whole: an explicit depth, and no array lost in a pipeline', () => {
    const conversions = callsIn(root).filter(({ name }) => name === 'ConvertTo-Json')
    assert.ok(conversions.length > 0)
    for (const { node } of conversions) assert.match(node.text, /-InputObject .*-Depth \d\d/)
  })
})

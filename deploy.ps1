<#
.SYNOPSIS
From a laptop to a running, autoscaled application on minikube.
.DESCRIPTION
./deploy.sh [command] [options]       on Windows: ./deploy.ps1 with the same commands and options

Commands
  up        (the default) start minikube, build, load, apply, wait, print the URL
  status    whether all is well; pods, autoscaler, image, size of the data, last events
  test      POST, GET and DELETE a document through the URL
  load      load from inside the cluster until the autoscaler has added its pods
  open      open the service; if that needs a tunnel it stays in the foreground
  logs      the last lines of the application and of the database
  restart   new pods of the same version, one after the other
  rollback  the version before this one; up does not bring this one again without --yes
  database  a way to the database for Compass and mongosh, until Ctrl+C
  dev       the code of this folder, run here on the cluster's database, until Ctrl+C
  push      build, tag and push the image: push REGISTRY/NAME[:TAG]
  backup    the nightly backup now: write, restore beside it, compare
  restore   list the backups; with a FILE or latest: put its documents in the place of the present ones
  down      remove the application; its documents and its password stay

Options                               PowerShell spelling, good in both: -DryRun, -NodePort 30301
  --dry-run                  print the commands of a run, run none of them
  --profile NAME             the minikube profile and kubectl context (minikube)
  --node-port 30000..32767   up: the port of the node (30300)
  --replicas 2..5            up: the fewest pods (2)
  --cpu 1..100               up: percent of CPU at which pods are added (70)
  --scale-down-window N      up: seconds of calm before a pod goes (300)
  --storage SIZE             up: the volume of the database (1Gi)
  --api-token SCOPE          up: what needs the token: none, writes or all (none)
  --database own|external    up: external: the one that the Secret mongodb-uri leads to (own)
  --database-cidr CIDR,...   up: the addresses of an external one (its port anywhere)
  --backup nightly|none      up: whether there is a backup each night (nightly)
  --backup-schedule CRON     up: when, in UTC ('30 1 * * *')
  --backup-storage SIZE      up: the volume of the backups (2Gi)
  --memory SIZE, --cpus N    up: what a new minikube cluster gets
  --driver NAME              up: the driver of a new minikube cluster (docker)
  --kubernetes-version V     up: the Kubernetes that minikube starts
  --minutes N                load: at most this many minutes (3)
  --clients N                load: N at a time (24)
  --wait                     load: wait for scale-in too
  --follow                   logs: go on until Ctrl+C, with the pods of a rollout
  --show-password            database: the connection string with its password
  --url URL                  test: through this URL
  --platform LIST            push: for these processors, such as linux/amd64,linux/arm64
  --data                     down: its documents too; the backups stay
  --backups                  down: with --data, the backups too
  --cluster                  down: minikube itself too, with everything in it
  --yes                      down, restore: do not ask; up: bring what was rolled back
  --help

What up is not told stays as the cluster has it; the values in brackets are those of a new one.
Everything that a run prints, in a file: ./deploy.sh >log.txt 2>&1, or pwsh -File ./deploy.ps1 *> log.txt

Exit codes
    0  done
    1  an error that is not listed below
    2  an unknown command or a wrong option
    3  not confirmed
   10  a tool is missing or too old
   11  the docker daemon does not answer
   12  docker has too little memory or too few processors
   13  minikube did not start
   14  npm ci failed
   15  the kubectl context belongs to another cluster
   20  the image could not be built
   21  the image is not in the cluster
   22  the manifests could not be written
   23  the cluster refused an object
   24  the node port belongs to another Service
   25  the application is not there; up brings it
   26  the application is there, but not well
   30  no node has room for a pod
   31  a pod cannot get its image
   32  a container keeps crashing
   33  the database refuses the password
   34  a container cannot be created: settings, secret or volume
   35  the cluster refuses to make the pods
   36  a wait reached its deadline
   40  the URL does not answer
   41  the URL answers, but not as it should
   42  the autoscaler did not act in time
   43  requests failed under load
   50  not logged in to the registry
   51  the push failed
   60  the backup failed; the last good one is there
   61  the restore failed; no document is lost
  130  interrupted
.LINK
README.md
#>
# This is deploy.sh in PowerShell: the same steps in the same order, the same messages and exit codes.
#   powershell -ExecutionPolicy Bypass -File .\deploy.ps1        (Windows PowerShell 5.1)
#   pwsh -File ./deploy.ps1                                      (PowerShell 7)
#
# Each command is shown before it runs. What needs thought is TypeScript under deploy/, called by both.
# Windows PowerShell 5.1 is the floor, so: ASCII only, no &&, ??, ?. or ternary, and native arguments
# always as an array of quoted strings without double quotes in them, which 5.1 would lose.
#
# No param block: with one, an exit in finally is lost after Ctrl+C, and options are taken by their first
# letters (-c would be -Cluster). Everything comes in $args.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Error -ErrorAction Continue 'PowerShell runs in Constrained Language Mode here, in which deploy.ps1 cannot work: use WSL and ./deploy.sh, or ask who set it.'
    exit 10
}
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# Exit codes are looked at here; in 7.4 and newer a profile may have turned this on.
$PSNativeCommandUseErrorActionPreference = $false

# The usage is this file's own help text: `Get-Help ./deploy.ps1` and `-?` show it too.
function Show-Usage {
    $file = Join-Path $PSScriptRoot 'deploy.ps1'
    $text = [IO.File]::ReadAllText($file).Replace("`r", '')
    $from = $text.IndexOf("./deploy.sh [command]")
    $text.Substring($from, $text.IndexOf("`n.LINK") - $from)
}

# --- how a command is shown and run -------------------------------------------------------------------------

# Messages go to standard error. Standard output is for results, so that $url = ./deploy.ps1 works.
function Write-Message {
    param([string]$Text = '')
    [Console]::Error.WriteLine($Text)
}

# Ends the run from any depth; the end of this file turns it into the exit code.
function Stop-Run {
    param([int]$Code, [string]$Reason = '')
    if ($Reason -ne '') { Write-Message "FAILED: $Reason" }
    $script:ExitCode = $Code
    throw "exit code $Code"
}

function Stop-Usage {
    param([string]$Reason)
    Stop-Run 2 "$Reason; ./deploy.ps1 --help lists commands and options"
}

# One word, ready to paste.
function Format-Word {
    param([string]$Text)
    if ($Text -cmatch '^[A-Za-z0-9_/-]+$') { return $Text }
    return "'" + $Text.Replace("'", "''") + "'"
}

function Show-Command {
    param([string]$Tool, [string[]]$Arguments)
    $parts = @($Tool) + @($Arguments | ForEach-Object { Format-Word $_ })
    Show-Line ($parts -join ' ')
}

# In a dry run the commands are the result.
function Show-Line {
    param([string]$Line)
    if ($script:OnlyShow) { Write-Output $Line } else { Write-Message "+ $Line" }
}

# The one place where a native command runs: the application of that name, never a function or an alias.
function Invoke-Native {
    param([string]$Tool, [string[]]$Arguments)
    # With a redirection 5.1 would end the run at the first line on standard error.
    $ErrorActionPreference = 'Continue'
    # Strict mode throws where it is read before any native command has run.
    $global:LASTEXITCODE = 0
    $application = Find-Tool $Tool
    if ($application -eq '') {
        Write-Message "$Tool is missing"
        $global:LASTEXITCODE = 127
        return
    }
    & $application @Arguments
    # Ctrl+C reached the command first: it did not fail (0xC000013A on Windows).
    if (@(130, -1073741510) -contains $LASTEXITCODE) { Stop-Run 130 }
}

# The path of an application, or nothing.
function Find-Tool {
    param([string]$Name)
    $found = Get-Command $Name -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    if ($null -eq $found) { return '' }
    return $found.Source
}

# Shows a command and runs it; its output is a message.
function Invoke-Step {
    param([string]$Tool, [string[]]$Arguments, [string[]]$Explain = @())
    Show-Command $Tool $Arguments
    if ($script:OnlyShow) { return }
    Invoke-Native $Tool $Arguments | ForEach-Object { Write-Message "$_" }
    if ($LASTEXITCODE -ne 0) { Stop-Step $LASTEXITCODE $Explain }
}

# Shows a command and runs it; its output is a result, and it may stay in the foreground.
function Invoke-Open {
    param([string]$Tool, [string[]]$Arguments, [string[]]$Explain = @())
    Show-Command $Tool $Arguments
    if ($script:OnlyShow) { return }
    Invoke-Native $Tool $Arguments
    if ($LASTEXITCODE -ne 0) { Stop-Step $LASTEXITCODE $Explain }
}

# After a command that failed: its meaning, one remedy and the exit code, by deploy/commands/explain.ts.
function Stop-Step {
    param([int]$Code, [string[]]$Explain)
    if ($Explain.Count -gt 0) {
        $more = @('deploy/commands/explain.ts') + $Explain + @('--profile', $script:ClusterProfile)
        Invoke-Native 'node' $more | ForEach-Object { Write-Message "$_" }
        $Code = $LASTEXITCODE
    }
    Stop-Run $Code
}

# --- what a run is about ------------------------------------------------------------------------------------

$script:Command = ''
$script:ImageToPush = ''
$script:BackupFile = ''
$script:OnlyShow = $false
$script:Help = $false
$script:ClusterProfile = 'minikube'
$script:Minutes = '3'
$script:Clients = '24'
$script:Url = ''
$script:Platforms = ''
$script:Token = ''
$script:Driver = 'docker'
$script:Wait = $false
$script:Follow = $false
$script:Data = $false
$script:Backups = $false
$script:Cluster = $false
$script:Yes = $false
$script:ShowPassword = $false
$script:CommandOptions = @()
$script:ManifestOptions = @()
$script:StartOptions = @()
$script:Facts = @{}
$script:Order = @()
$script:Folders = @()
$script:LoadRuns = $false
$script:ExitCode = -1 # until Stop-Run says otherwise
$onWindows = $env:OS -eq 'Windows_NT'

# The one table of names, the same in deploy.sh: -DryRun in any case, --dry-run, and whether a value follows.
$script:FlagNames = @('dry-run', 'wait', 'follow', 'data', 'backups', 'cluster', 'yes', 'show-password', 'help')
$script:ValueNames = @('profile', 'minutes', 'clients', 'url', 'platform', 'node-port', 'replicas', 'cpu', 'scale-down-window', 'storage', 'api-token', 'database', 'database-cidr', 'backup', 'backup-schedule', 'backup-storage', 'memory', 'cpus', 'driver', 'kubernetes-version')

# What PowerShell has made of a command line, as words again. Typed in a session -Minutes:2 comes as
# '-Minutes:' and 2; `powershell -File` cuts --url=http://x in two after the colon.
function Read-Given {
    param([object[]]$List)
    $words = @()
    for ($i = 0; $i -lt $List.Count; $i++) {
        $word = @($List[$i]) -join ','
        $next = ''
        if ($i + 1 -lt $List.Count) { $next = @($List[$i + 1]) -join ',' }
        if ($word.StartsWith('-') -and $word.EndsWith(':') -and $next -ne '') {
            $word = $word.Substring(0, $word.Length - 1) + '=' + $next
            $i++
        } elseif ($word -match '^-.*=[a-z]+$' -and $next.StartsWith('//')) {
            $word = $word + ':' + $next
            $i++
        }
        $words += $word
    }
    return , $words
}

# The option's one name, or nothing.
function Find-Option {
    param([string]$Text)
    foreach ($name in ($script:FlagNames + $script:ValueNames)) {
        if ($Text -ceq "--$name") { return $name }
        if ($Text -eq ('-' + $name.Replace('-', ''))) { return $name }
    }
    if ($Text -ceq '-h' -or $Text -ceq '-?') { return 'help' }
    return ''
}

function Read-CommandLine {
    param([string[]]$List)
    foreach ($text in $List) {
        if ((Find-Option $text) -ceq 'help') {
            $script:Help = $true
            return
        }
    }
    $i = 0
    while ($i -lt $List.Count) {
        $text = $List[$i]
        $i++
        if (-not $text.StartsWith('-')) {
            if ($script:Command -eq '') {
                $script:Command = $text
            } elseif ($script:Command -ceq 'push' -and $script:ImageToPush -eq '') {
                $script:ImageToPush = $text
            } elseif ($script:Command -ceq 'restore' -and $script:BackupFile -eq '') {
                $script:BackupFile = $text
            } else {
                Stop-Usage "unexpected $text"
            }
            continue
        }
        $head = $text.Split('=')[0]
        $hasValue = $head.Length -lt $text.Length
        $value = ''
        if ($hasValue) { $value = $text.Substring($head.Length + 1) }
        $name = Find-Option $head
        if ($name -eq '') { Stop-Usage "unknown option $text" }
        if ($script:FlagNames -ccontains $name) {
            # -DryRun:$false, and -DryRun $false, as PowerShell's own switches take it.
            if (-not $hasValue -and $i -lt $List.Count -and @('True', 'False') -ccontains $List[$i]) {
                $value = $List[$i]
                $hasValue = $true
                $i++
            }
            if ($hasValue -and @('True', 'False') -notcontains $value) { Stop-Usage "--$name takes no value" }
            if ($value -ne 'False') { Set-Option $name '' }
            continue
        }
        if (-not $hasValue -and $i -lt $List.Count -and -not $List[$i].StartsWith('-')) {
            $value = $List[$i]
            $i++
        }
        if ($value -eq '') { Stop-Usage "$head needs a value" }
        Set-Option $name $value
    }
    if ($script:Command -eq '') { $script:Command = 'up' }
}

# look.ts checks its value, and whether the command takes it.
function Set-Option {
    param([string]$Name, [string]$Value)
    if ($Name -ceq 'dry-run') {
        $script:OnlyShow = $true
        return
    }
    if ($Name -ceq 'profile') {
        $script:ClusterProfile = $Value
        return
    }
    $text = "--$Name"
    if ($Value -ne '') { $text = "--$Name=$Value" }
    $script:CommandOptions += $text
    switch -CaseSensitive ($Name) {
        'wait' { $script:Wait = $true }
        'follow' { $script:Follow = $true }
        'data' { $script:Data = $true }
        'backups' { $script:Backups = $true }
        'cluster' { $script:Cluster = $true }
        'yes' { $script:Yes = $true }
        'show-password' { $script:ShowPassword = $true }
        'minutes' { $script:Minutes = $Value }
        'clients' { $script:Clients = $Value }
        'url' { $script:Url = $Value -replace '/$', '' }
        'platform' { $script:Platforms = $Value }
        'driver' { $script:Driver = $Value }
        'memory' { $script:StartOptions += $text }
        'cpus' { $script:StartOptions += $text }
        'kubernetes-version' { $script:StartOptions += $text }
        default { $script:ManifestOptions += $text }
    }
}

# The project's own Node and its packages.
function Find-Node {
    $bin = Join-Path $PSScriptRoot 'node_modules/node/bin'
    $env:PATH = $bin + [IO.Path]::PathSeparator + $env:PATH
    if (-not (Test-Packages)) {
        # cmd.exe, which runs npm, cannot be in such a folder.
        if ($PSScriptRoot.StartsWith('\\')) { Stop-Run 2 "$PSScriptRoot is a network path: copy the project to a drive of this computer" }
        $npm = 'npm'
        if ($onWindows) { $npm = 'npm.cmd' } # npm.ps1 may be barred by the execution policy
        if ((Find-Tool $npm) -eq '') { Stop-Run 10 "npm is missing: $(Get-NodeInstall)" }
        Show-Command $npm @('ci')
        if (-not $script:OnlyShow) {
            Invoke-Native $npm @('ci') | ForEach-Object { Write-Message "$_" }
            if ($LASTEXITCODE -ne 0) { Stop-Run 14 'npm ci failed; its reason is above' }
            # NODE_ENV=production, omit=dev and ignore-scripts leave out what the scripts need.
            if (-not (Test-Packages)) {
                $all = @('ci', '--include=dev', '--ignore-scripts=false')
                Show-Command $npm $all
                Invoke-Native $npm $all | ForEach-Object { Write-Message "$_" }
                if ($LASTEXITCODE -ne 0) { Stop-Run 14 'npm ci failed; its reason is above' }
            }
        }
    }
    if ((Find-Tool 'node') -eq '') { Stop-Run 10 "node is missing: $(Get-NodeInstall)" }
    if ($script:OnlyShow -and -not (Test-Packages)) {
        # Nothing was installed: this is the machine's own Node, and an older one does not run the programs in deploy/.
        $version = @(Invoke-Native 'node' @('-p', 'process.versions.node'))
        if ($version.Count -eq 0 -or [version]$version[0].Split('-')[0] -lt [version]'24.2') {
            Write-Message 'What follows depends on what npm ci brings: run it, then ask again.'
            Stop-Run 0
        }
        return
    }
    # Node keeps what it has made of their TypeScript: the programs start in 80 ms instead of 190.
    if ("$($env:NODE_COMPILE_CACHE)" -eq '') {
        $env:NODE_COMPILE_CACHE = Join-Path $PSScriptRoot 'node_modules/.cache/node'
    }
}

# The facts that decide what a run has to do.
function Read-Facts {
    param([string[]]$More)
    Find-Node
    $list = @('deploy/commands/look.ts') + $More + @("--profile=$($script:ClusterProfile)") + $script:CommandOptions
    if ($script:OnlyShow) { $list += '--dry-run' }
    $lines = @(Invoke-Native 'node' $list)
    if ($LASTEXITCODE -ne 0) { Stop-Run $LASTEXITCODE }
    foreach ($line in $lines) {
        $cut = $line.IndexOf('=')
        if ($cut -le 0) { continue }
        $key = $line.Substring(0, $cut)
        $value = $line.Substring($cut + 1)
        if ($key -ceq 'apply') {
            $script:Order += $value
        } elseif ($key -ceq 'folder') {
            $script:Folders += $value
        } else {
            $script:Facts[$key] = $value
        }
    }
}

# npm ci writes .package-lock.json last: without it an earlier run was interrupted.
function Test-Packages {
    foreach ($path in @('.package-lock.json', 'yaml', 'node/bin')) {
        if (-not (Test-Path -LiteralPath "node_modules/$path")) { return $false }
    }
    return $true
}

function Get-NodeInstall {
    if ($onWindows) { return 'winget install -e --id OpenJS.NodeJS.LTS' }
    # In Windows PowerShell 5.1 there is no such variable, and strict mode would throw.
    if (Get-Variable -Name IsMacOS -ValueOnly -ErrorAction Ignore) { return 'brew install node' }
    return 'https://nodejs.org/en/download, or the package manager: nodejs, npm'
}

# --- the commands -------------------------------------------------------------------------------------------

function Invoke-Up {
    Read-Facts @('up')
    $state = $script:Facts['cluster']
    $image = $script:Facts['image']
    if ($state -eq 'half') {
        Invoke-Step 'minikube' @('stop', '-p', $script:ClusterProfile) @('start')
    }
    if ($state -eq 'paused') {
        Invoke-Step 'minikube' @('unpause', '-p', $script:ClusterProfile) @('start')
    }
    if ($state -eq 'absent') {
        $start = @('start', '-p', $script:ClusterProfile, "--driver=$($script:Driver)", '--interactive=false') + $script:StartOptions
        if ($script:Facts['publish'] -ne '') { $start += "--ports=$($script:Facts['publish'])" }
        Invoke-Step 'minikube' $start @('start')
    }
    # It keeps the driver, memory and processors that it was made with.
    if (@('stopped', 'half') -contains $state) {
        $again = @('start', '-p', $script:ClusterProfile, '--interactive=false') + $script:StartOptions
        Invoke-Step 'minikube' $again @('start')
    }
    # First of all: the autoscaler sees nothing for 75 to 150 s after this.
    if ($script:Facts['metrics'] -ne 'enabled') {
        Invoke-Step 'minikube' @('addons', 'enable', 'metrics-server', '-p', $script:ClusterProfile) @('addon')
    }

    if ($script:Facts['loaded'] -ne 'yes') {
        Invoke-Step 'docker' @('build', '-t', $image, '.') @('build')
        Invoke-Step 'minikube' @('image', 'load', $image, '-p', $script:ClusterProfile) @('load')
        # image load ends with 0 when it fails.
        Invoke-Step 'node' @('deploy/image/images.ts', 'verify', $image, '--profile', $script:ClusterProfile)
    }

    $manifests = @('deploy/commands/write-manifests.ts', '--image', $image, '--profile', $script:ClusterProfile) + $script:ManifestOptions
    if ($script:Yes) { $manifests += '--yes' }
    Invoke-Step 'node' $manifests
    # hostPath ignores fsGroup: the folders must belong to their pods' user before those start.
    if ($script:Folders.Count -gt 0) {
        $install = @('ssh', '-p', $script:ClusterProfile, '--', 'sudo', 'install', '-d', '-o', '999', '-g', '999') + $script:Folders
        Invoke-Step 'minikube' $install @('folder')
    }

    # FILE WORKLOAD SECONDS: what is applied, and what is waited for before the next one.
    foreach ($step in $script:Order) {
        $file = $step.Split(' ')[0]
        $target = $step.Split(' ')[1]
        $seconds = $step.Split(' ')[2]
        # A database that others run has no files.
        if (-not $script:OnlyShow -and -not (Test-Path -LiteralPath "build/$file")) { continue }
        Invoke-Apply "build/$file"
        if ($target -ne '-') { Wait-Rollout $target $seconds }
    }
    # An earlier one: leaving it out of what is applied does not remove it.
    if ($script:Facts['backup'] -ne 'nightly') {
        Invoke-Step 'kubectl' @('delete', '-n', 'mongo', '--context', $script:ClusterProfile, '--ignore-not-found', 'cronjob/app-backup') @('remove')
    }

    # After the rollout: until then nobody minds the images of earlier versions.
    if ($script:Facts['loaded'] -ne 'yes') {
        Invoke-Step 'node' @('deploy/image/images.ts', 'remove-old', $image, '--profile', $script:ClusterProfile)
    }

    Find-Url
    if (-not $script:OnlyShow -and $script:Url -ne '') { Write-Output $script:Url }
    # After the first time it has its figures, but pods that it was told to have may still be missing.
    if ($script:Facts['metrics'] -ne 'enabled' -or $script:Facts['deployed'] -ne 'yes') {
        Invoke-Step 'node' @('deploy/commands/wait-autoscaler.ts', '--profile', $script:ClusterProfile)
    }
    else {
        Wait-Rollout 'deployment/app-deployment' '180'
    }
    if ($script:OnlyShow) { return }
    Write-Message
    Write-Message "The application runs. Next: $(Format-Again 'test'), $(Format-Again 'load'), $(Format-Again 'status'), $(Format-Again 'open')"
}

# The script as it was started: a fresh Windows runs none without -File and this policy.
function Get-OwnName {
    $line = [Environment]::GetCommandLineArgs()
    if ($line -contains '-File') {
        return "$([IO.Path]::GetFileNameWithoutExtension($line[0])) -ExecutionPolicy Bypass -File ./deploy.ps1"
    }
    return './deploy.ps1'
}

# The command as it would be typed for this cluster.
function Format-Again {
    param([string]$Text)
    $more = ''
    if ($script:ClusterProfile -cne 'minikube') { $more = " --profile $($script:ClusterProfile)" }
    return "$($env:DEPLOY_SCRIPT) $Text$more"
}

function Invoke-Apply {
    param([string]$File)
    Invoke-Step 'kubectl' @('apply', '-n', 'mongo', '--context', $script:ClusterProfile, '-f', $File) @('apply', $File)
}

function Wait-Rollout {
    param([string]$Workload, [string]$Deadline)
    Invoke-Step 'node' @('deploy/commands/wait-rollout.ts', $Workload, '--deadline', $Deadline, '--profile', $script:ClusterProfile)
}

function Find-Url {
    $list = @('deploy/commands/find-url.ts', '--profile', $script:ClusterProfile)
    if ($script:Facts['tunnel'] -eq 'yes') { $list += '--tunnel' }
    $shown = @($list | ForEach-Object { Format-Word $_ }) -join ' '
    Show-Line ('$url = node ' + $shown)
    if ($script:OnlyShow) { return }
    $lines = @(Invoke-Native 'node' $list)
    if ($LASTEXITCODE -ne 0) { Stop-Run $LASTEXITCODE }
    if ($lines.Count -gt 0) { $script:Url = $lines[0] }
}

# For a variable, and never for the screen.
function Find-Token {
    $list = @('deploy/commands/print-token.ts', '--profile', $script:ClusterProfile)
    $shown = @($list | ForEach-Object { Format-Word $_ }) -join ' '
    Show-Line ('$token = node ' + $shown)
    if ($script:OnlyShow) { return }
    $script:Token = @(Invoke-Native 'node' $list) -join ''
    if ($LASTEXITCODE -ne 0) { Stop-Run $LASTEXITCODE }
}

# One program, which asks the questions of look.ts besides its own.
function Invoke-Status {
    if ($script:OnlyShow) { Read-Facts @('status') } else { Find-Node }
    $list = @('deploy/commands/status.ts', '--profile', $script:ClusterProfile) + $script:CommandOptions
    Invoke-Open 'node' $list
}

# The document has an _id of its own, so every line is known before it runs and can be run again.
function Invoke-Test {
    Read-Facts @('test')
    $ask = 'Invoke-RestMethod -UseBasicParsing -TimeoutSec 30'
    # A proxy cannot reach this machine or the node.
    $ownHosts = 'localhost,127.0.0.1,::1'
    if ($script:Url -ne '') {
        Show-Line ('$url = ' + (Format-Word $script:Url))
    } else {
        Find-Url
        if ($script:Url -ne '') { $ownHosts = "$ownHosts,$(([Uri]$script:Url).Host)" }
    }
    if (-not $script:OnlyShow -and $script:Url -eq '') {
        Stop-Run 40 "the URL needs a tunnel: $(Format-Again 'open') in another window, then $(Format-Again 'test') --url URL"
    }
    $env:NO_PROXY = "$ownHosts,$($env:NO_PROXY)".TrimEnd(',')
    $headers = ''
    $ownHeader = ''
    if ($script:Facts['token'] -eq 'yes') {
        Find-Token
        $ownHeader = '; Authorization = "Bearer $token"'
        $headers = ' -Headers @{ Authorization = "Bearer $token" }'
    }
    Invoke-Try ($ask + $headers + ' -Uri "$url/"')
    Invoke-Try ($ask + ' -Uri "$url/data" -Method Post ' +
        '-ContentType "application/json; charset=utf-8" -Headers @{ Prefer = "resolution=ignore-duplicates"' + $ownHeader + ' } ' +
        '-Body ''{"_id": "deploy-test", "3": "three"}''')
    Invoke-Try ($ask + $headers + ' -Uri "$url/data/deploy-test"') '"3":"three"'
    Invoke-Try ($ask + $headers + ' -Uri "$url/data/deploy-test" -Method Delete')
    if (-not $script:OnlyShow) { Write-Message 'The application took a document, gave it back and removed it.' }
}

# Runs a line, prints what it answered, and looks for a text in the answer.
function Invoke-Try {
    param([string]$Line, [string]$Expected = '')
    Show-Line $Line
    if ($script:OnlyShow) { return }
    $answer = $null
    try {
        $answer = & ([scriptblock]::Create($Line))
    } catch {
        Write-Message "$($_.Exception.Message)"
        $step = 'no-answer'
        # Only an answer with an error has a response.
        $response = $_.Exception.PSObject.Properties['Response']
        if ($null -ne $response -and $null -ne $response.Value) { $step = 'answer' }
        Stop-Step 41 @($step, $Line.Replace('"', "'"))
    }
    $text = ''
    if ($answer -is [string]) {
        $text = $answer
    } elseif ($null -ne $answer) {
        $text = ConvertTo-Json -InputObject $answer -Depth 20 -Compress
    }
    if ($text -eq '') { Write-Output '(an empty answer)' } else { Write-Output $text }
    if (-not $text.Contains($Expected)) { Stop-Step 41 @('answer', $Line.Replace('"', "'")) }
}

function Invoke-Load {
    Read-Facts @('load')
    $list = @('--profile', $script:ClusterProfile, '--minutes', $script:Minutes)
    Invoke-Step 'node' (@('deploy/commands/write-load.ts') + $list + @('--clients', $script:Clients))
    # From here on the end of this file removes the job, after Ctrl+C too.
    if (-not $script:OnlyShow) { $script:LoadRuns = $true }
    Invoke-Apply 'build/load/objects.json'
    if ($script:Wait) { $list += '--wait' }
    Invoke-Step 'node' (@('deploy/commands/watch-load.ts') + $list)
    $script:LoadRuns = $false
    Stop-Load
}

# Without it the job would end by its own deadline.
function Stop-Load {
    $list = @('delete', '-n', 'mongo', '--context', $script:ClusterProfile, '--ignore-not-found', '-f', 'build/load/objects.json')
    Show-Command 'kubectl' $list
    if ($script:OnlyShow) { return }
    # Captured: after Ctrl+C output that flows on would cut this short.
    $said = @(Invoke-Native 'kubectl' $list)
    foreach ($line in $said) { Write-Message "$line" }
    if ($LASTEXITCODE -ne 0) { Write-Message 'The load job could not be removed. It ends on its own.' }
}

function Invoke-OpenService {
    Read-Facts @('open')
    if ($script:Facts['tunnel'] -eq 'yes') {
        Write-Message 'Leave this window open: Ctrl+C ends the tunnel, the application goes on.'
    }
    Invoke-Open 'minikube' @('service', 'app-service', '-n', 'mongo', '-p', $script:ClusterProfile) @('open')
}

function Invoke-Logs {
    Read-Facts @('logs')
    if ($script:Follow) {
        # kubectl follows the pods that exist at its start, and no later ones.
        Invoke-Open 'node' @('deploy/commands/follow-logs.ts', '--profile', $script:ClusterProfile)
    } else {
        $list = @('logs', '-n', 'mongo', '--context', $script:ClusterProfile, '--prefix', '--tail=50', '--max-log-requests=10', '--ignore-errors', '-l', 'app.kubernetes.io/part-of=data-service')
        Invoke-Open 'kubectl' $list @('logs')
    }
}

function Invoke-Restart {
    Read-Facts @('restart')
    Invoke-Step 'kubectl' @('rollout', 'restart', '-n', 'mongo', '--context', $script:ClusterProfile, 'deployment/app-deployment') @('restart')
    Wait-Rollout 'deployment/app-deployment' '180'
}

function Invoke-Rollback {
    Read-Facts @('rollback')
    Invoke-Step 'kubectl' @('rollout', 'undo', '-n', 'mongo', '--context', $script:ClusterProfile, 'deployment/app-deployment') @('rollback')
    Invoke-Step 'node' @('deploy/commands/note-rollback.ts', '--profile', $script:ClusterProfile)
    Wait-Rollout 'deployment/app-deployment' '180'
}

function Invoke-Database {
    Read-Facts @('database')
    $list = @('deploy/commands/forward-database.ts', '--profile', $script:ClusterProfile)
    if ($script:ShowPassword) { $list += '--show-password' }
    Invoke-Open 'node' $list
}

function Invoke-Dev {
    Read-Facts @('dev')
    Invoke-Open 'node' @('deploy/commands/forward-database.ts', '--run-code', '--profile', $script:ClusterProfile)
}

function Invoke-Push {
    if ($script:ImageToPush -eq '') { Stop-Usage 'push needs a name: push REGISTRY/NAME[:TAG]' }
    Read-Facts @('push')
    $image = $script:Facts['image']
    $name = $script:ImageToPush
    if (-not $name.Split('/')[-1].Contains(':')) { $name = $name + ':' + $image.Split(':')[-1] }
    if ($script:Platforms -ne '') {
        # docker buildx build --push, which builds for all of them, and what it means if that fails.
        Invoke-Step 'node' @('deploy/image/push.ts', $name, "--platform=$($script:Platforms)", '--profile', $script:ClusterProfile)
        return
    }
    Invoke-Step 'docker' @('build', '-t', $image, '.') @('build')
    Invoke-Step 'docker' @('tag', $image, $name) @('push', $name)
    # docker push, and what it means if the registry refuses.
    Invoke-Step 'node' @('deploy/image/push.ts', $name, '--profile', $script:ClusterProfile)
}

function Invoke-Backup {
    Read-Facts @('backup')
    Invoke-Open 'node' @('deploy/commands/run-job.ts', 'backup', '--profile', $script:ClusterProfile)
}

function Invoke-Restore {
    Read-Facts @('restore')
    if ($script:BackupFile -eq '') {
        Invoke-Open 'node' @('deploy/commands/list-backups.ts', '--profile', $script:ClusterProfile)
        return
    }
    Confirm-Removal "Puts the documents of the backup $($script:BackupFile) in the place of all present documents. Those become a backup of their own."
    Invoke-Open 'node' @('deploy/commands/run-job.ts', 'restore', $script:BackupFile, '--profile', $script:ClusterProfile)
}

function Invoke-Down {
    Read-Facts @('down')
    $state = $script:Facts['cluster']
    if ($state -eq 'absent') {
        Write-Message "There is no cluster `"$($script:ClusterProfile)`": nothing to remove."
        return
    }
    if ($script:Cluster) {
        Confirm-Removal "Removes the minikube cluster `"$($script:ClusterProfile)`" with everything in it, the documents and the backups too."
        Invoke-Step 'minikube' @('delete', '-p', $script:ClusterProfile) @('remove')
        return
    }
    if ($state -ne 'running' -and -not $script:OnlyShow) {
        Stop-Run 25 "the cluster `"$($script:ClusterProfile)`" does not run: minikube start -p $($script:ClusterProfile), or $(Format-Again 'down --cluster')"
    }
    $what = 'The documents and the password stay.'
    if ($script:Data) { $what = 'Every document in it goes too. The backups stay.' }
    if ($script:Backups) { $what = 'Every document in it goes too, and every backup. There is no way back.' }
    if ($script:Facts['database'] -eq 'external') {
        Confirm-Removal "Removes the application. The documents of the external database stay where they are. Of a database of our own in this cluster: $what"
    } else {
        Confirm-Removal "Removes the application and its database server. $what"
    }
    Invoke-Step 'kubectl' @('delete', '-n', 'mongo', '--context', $script:ClusterProfile, '--ignore-not-found', 'cronjob/app-backup', 'hpa/app-autoscale', 'pdb/app-disruption', 'service/app-service', 'deployment/app-deployment', 'service/mongodb-client', 'service/mongodb', 'statefulset/mongodb') @('remove')
    if ($script:Data) {
        Invoke-Step 'kubectl' @('delete', '--context', $script:ClusterProfile, '--ignore-not-found', 'namespace/mongo') @('remove')
        Invoke-Step 'kubectl' @('delete', '--context', $script:ClusterProfile, '--ignore-not-found', 'persistentvolume/mongo-volume', 'persistentvolume/app-backups') @('remove')
        Invoke-Step 'minikube' @('ssh', '-p', $script:ClusterProfile, '--', 'sudo', 'rm', '-rf', '/data/mongodb') @('remove')
        if ($script:Backups) {
            Invoke-Step 'minikube' @('ssh', '-p', $script:ClusterProfile, '--', 'sudo', 'rm', '-rf', '/data/backups') @('remove')
        } elseif (-not $script:OnlyShow) {
            Write-Message "The backups are in /data/backups of the node: $(Format-Again 'up'), then $(Format-Again 'restore'). To remove them too: $(Format-Again 'down --data --backups')"
        }
    }
}

# Says what will be removed, and asks. If nobody can answer, nothing is.
function Confirm-Removal {
    param([string]$What)
    Write-Message $What
    if ($script:Yes -or $script:OnlyShow) { return }
    if ([Console]::IsInputRedirected) {
        Stop-Run 3 'nothing was done: there is no terminal to ask at; --yes confirms'
    }
    [Console]::Error.Write('Go on? [y/N] ')
    $answer = [Console]::In.ReadLine()
    if (@('y', 'yes') -notcontains $answer) { Stop-Run 3 'nothing was done' }
}

function Invoke-Main {
    param([string[]]$List)
    Read-CommandLine $List
    if ($script:Help) {
        Show-Usage
        return
    }
    switch -CaseSensitive ($script:Command) {
        'up' { Invoke-Up }
        'status' { Invoke-Status }
        'test' { Invoke-Test }
        'load' { Invoke-Load }
        'open' { Invoke-OpenService }
        'logs' { Invoke-Logs }
        'restart' { Invoke-Restart }
        'rollback' { Invoke-Rollback }
        'database' { Invoke-Database }
        'dev' { Invoke-Dev }
        'push' { Invoke-Push }
        'backup' { Invoke-Backup }
        'restore' { Invoke-Restore }
        'down' { Invoke-Down }
        default { Stop-Usage "unknown command $($script:Command)" }
    }
}

$oldPath = $env:PATH
$oldNoProxy = $env:NO_PROXY
$oldScript = $env:DEPLOY_SCRIPT
$oldCache = $env:NODE_COMPILE_CACHE
$oldEncoding = $null
try {
    # The tools write UTF-8; Windows would read it in the console's old code page.
    $oldEncoding = [Console]::OutputEncoding
    [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
} catch {
    # Without a console there is nothing to set.
    $oldEncoding = $null
}
$done = $false
Push-Location -LiteralPath $PSScriptRoot
try {
    # How remedies name this script.
    $env:DEPLOY_SCRIPT = Get-OwnName
    Invoke-Main (Read-Given $args)
    $script:ExitCode = 0
    $done = $true
} catch {
    $done = $true
    if ($script:ExitCode -lt 0) {
        Write-Message "FAILED: $($_.Exception.Message)"
        $script:ExitCode = 1
    }
} finally {
    # After Ctrl+C this runs and catch does not. Written output would cut it short, so there is none.
    if ($script:LoadRuns) {
        $script:LoadRuns = $false
        # A second Ctrl+C ends kubectl too: the rest of this must be done all the same.
        try { Stop-Load | Out-Null } catch { $script:ExitCode = 130 }
    }
    $env:PATH = $oldPath
    $env:NO_PROXY = $oldNoProxy
    $env:DEPLOY_SCRIPT = $oldScript
    $env:NODE_COMPILE_CACHE = $oldCache
    if ($null -ne $oldEncoding) { [Console]::OutputEncoding = $oldEncoding }
    Pop-Location
    if (-not $done) { exit 130 }
}
exit $script:ExitCode

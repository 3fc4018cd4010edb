#!/usr/bin/env bash
# From a laptop to a running, autoscaled application on minikube. ./deploy.sh --help lists the commands.
#
# deploy.ps1 is this script in PowerShell: the same steps in the same order, the same messages and exit
# codes. Each command is shown before it runs. What needs thought is TypeScript under deploy/, called by
# both. bash 3.2 is the floor: macOS has no newer one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# How remedies name this script.
export DEPLOY_SCRIPT=./deploy.sh

usage() {
  cat <<'HELP'
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
HELP
}

# --- how a command is shown and run -------------------------------------------------------------------------

# Messages go to standard error. Standard output is for results, so that url=$(./deploy.sh) works.
say() { printf '%s\n' "$*" >&2; }

fail() {
  local code=$1
  shift
  say "FAILED: $*"
  exit "$code"
}

# One word, ready to paste.
quoted() {
  # Through variables: bash 3.2 keeps the backslashes of a replacement that is written out.
  local quote="'" escaped="'\\''"
  case $1 in
    '' | *[!A-Za-z0-9_./:=@%+,-]*) printf "'%s'" "${1//$quote/$escaped}" ;;
    *) printf '%s' "$1" ;;
  esac
}

show() {
  local line='' word
  for word in "$@"; do line="$line${line:+ }$(quoted "$word")"; done
  show_line "$line"
}

# In a dry run the commands are the result.
show_line() {
  if [ "$dry_run" = yes ]; then printf '%s\n' "$1"; else say "+ $1"; fi
}

# Shows a command and runs it; its output is a message.
run() {
  show "$@"
  if [ "$dry_run" = yes ]; then return 0; fi
  "$@" >&2
}

# Shows a command and runs it; its output is a result, and it may stay in the foreground.
run_open() {
  show "$@"
  if [ "$dry_run" = yes ]; then return 0; fi
  "$@"
}

# Shows a line of shell and runs exactly that line.
run_line() {
  show_line "$1"
  if [ "$dry_run" = yes ]; then return 0; fi
  eval "$1"
}

# After a command that failed: its meaning, one remedy and the exit code, by deploy/commands/explain.ts.
explain() {
  local code=$?
  # Ctrl+C has ended a child first: that is not a failure.
  [ "$code" -ne 130 ] || exit 130
  code=0
  node deploy/commands/explain.ts "$@" --profile "$profile" || code=$?
  exit "$code"
}

# --- what a run is about ------------------------------------------------------------------------------------

command=''
image_to_push=''
backup_file=''
dry_run=no
profile=minikube
minutes=3
clients=24
url=''
platforms=''
driver=docker
wait_option=''
follow_option=''
show_option=''
data=no
backups=no
whole_cluster=no
sure=no
command_options=()
manifest_options=()
start_options=()
order=()
folders=()

parse() {
  local given value option kind
  for given in "$@"; do
    case $given in --help | -Help | -h | '-?') usage; exit 0 ;; esac
  done
  while [ $# -gt 0 ]; do
    given=$1
    shift
    case $given in
      -*) ;;
      *)
        if [ -z "$command" ]; then command=$given
        elif [ "$command" = push ] && [ -z "$image_to_push" ]; then image_to_push=$given
        elif [ "$command" = restore ] && [ -z "$backup_file" ]; then backup_file=$given
        else wrong "unexpected $given"; fi
        continue
        ;;
    esac
    find_option "${given%%=*}" || wrong "unknown option $given"
    value=''
    case $kind:$given in
      flag:*=*) wrong "--$option takes no value" ;;
      flag:*) ;;
      value:*=*) value=${given#*=} ;;
      *)
        case ${1:-} in
          -*) ;;
          *)
            value=${1:-}
            [ $# -eq 0 ] || shift
            ;;
        esac
        ;;
    esac
    [ "$kind" = flag ] || [ -n "$value" ] || wrong "${given%%=*} needs a value"
    set_option "$option" "$value"
  done
  command=${command:-up}
}

# The one table of names, the same in deploy.ps1: both spellings, and whether a value follows.
# shellcheck disable=SC2100 # a name with a dash is no difference
find_option() {
  kind=value
  case $1 in
    --dry-run | -DryRun) option=dry-run kind=flag ;;
    --wait | -Wait) option=wait kind=flag ;;
    --follow | -Follow) option=follow kind=flag ;;
    --data | -Data) option=data kind=flag ;;
    --backups | -Backups) option=backups kind=flag ;;
    --cluster | -Cluster) option=cluster kind=flag ;;
    --yes | -Yes) option=yes kind=flag ;;
    --show-password | -ShowPassword) option=show-password kind=flag ;;
    --profile | -Profile) option=profile ;;
    --minutes | -Minutes) option=minutes ;;
    --clients | -Clients) option=clients ;;
    --url | -Url) option=url ;;
    --platform | -Platform) option=platform ;;
    --node-port | -NodePort) option=node-port ;;
    --replicas | -Replicas) option=replicas ;;
    --cpu | -Cpu) option=cpu ;;
    --scale-down-window | -ScaleDownWindow) option=scale-down-window ;;
    --storage | -Storage) option=storage ;;
    --api-token | -ApiToken) option=api-token ;;
    --database | -Database) option=database ;;
    --database-cidr | -DatabaseCidr) option=database-cidr ;;
    --backup | -Backup) option=backup ;;
    --backup-schedule | -BackupSchedule) option=backup-schedule ;;
    --backup-storage | -BackupStorage) option=backup-storage ;;
    --memory | -Memory) option=memory ;;
    --cpus | -Cpus) option=cpus ;;
    --driver | -Driver) option=driver ;;
    --kubernetes-version | -KubernetesVersion) option=kubernetes-version ;;
    *) return 1 ;;
  esac
}

# look.ts checks its value, and whether the command takes it.
set_option() {
  case $1 in
    dry-run) dry_run=yes; return 0 ;;
    profile) profile=$2; return 0 ;;
  esac
  command_options+=("--$1${2:+=$2}")
  case $1 in
    wait) wait_option=--wait ;;
    follow) follow_option=--follow ;;
    data) data=yes ;;
    backups) backups=yes ;;
    cluster) whole_cluster=yes ;;
    yes) sure=yes ;;
    show-password) show_option=--show-password ;;
    minutes) minutes=$2 ;;
    clients) clients=$2 ;;
    url) url=${2%/} ;;
    platform) platforms=$2 ;;
    driver) driver=$2 ;;
    memory | cpus | kubernetes-version) start_options+=("--$1=$2") ;;
    *) manifest_options+=("--$1=$2") ;;
  esac
}

wrong() { fail 2 "$1; ./deploy.sh --help lists commands and options"; }

# The project's own Node and its packages.
find_node() {
  local version major minor
  PATH="$PWD/node_modules/node/bin:$PATH"
  if ! has_packages; then
    command -v npm >/dev/null || fail 10 "npm is missing: $(install_node)"
    run npm ci || fail 14 'npm ci failed; its reason is above'
    # NODE_ENV=production, omit=dev and ignore-scripts leave out what the scripts need.
    [ "$dry_run" = yes ] || has_packages || run npm ci --include=dev --ignore-scripts=false ||
      fail 14 'npm ci failed; its reason is above'
  fi
  command -v node >/dev/null || fail 10 "node is missing: $(install_node)"
  if [ "$dry_run" = yes ] && ! has_packages; then
    # Nothing was installed: this is the machine's own Node, and an older one does not run the programs in deploy/.
    version=$(node -p process.versions.node)
    IFS=. read -r major minor _ <<<"$version"
    if [ "$major" -lt 24 ] || { [ "$major" -eq 24 ] && [ "$minor" -lt 2 ]; }; then
      say 'What follows depends on what npm ci brings: run it, then ask again.'
      exit 0
    fi
    return 0
  fi
  # Node keeps what it has made of their TypeScript: the programs start in 80 ms instead of 190.
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/node}"
}

# The facts that decide what a run has to do.
look() {
  local facts key value
  find_node
  [ "$dry_run" = no ] || set -- "$@" --dry-run
  facts=$(node deploy/commands/look.ts "$@" "--profile=$profile" ${command_options[@]+"${command_options[@]}"}) ||
    exit $?
  while IFS='=' read -r key value; do
    case $key in
      cluster) cluster=$value ;;
      image) image=$value ;;
      publish) publish=$value ;;
      tunnel) tunnel=$value ;;
      metrics) metrics=$value ;;
      loaded) loaded=$value ;;
      deployed) deployed=$value ;;
      token) token=$value ;;
      database) database=$value ;;
      backup) backup=$value ;;
      folder) folders+=("$value") ;;
      apply) order+=("$value") ;;
    esac
  done <<FACTS
$facts
FACTS
}

# npm ci writes .package-lock.json last: without it an earlier run was interrupted.
has_packages() {
  [ -e node_modules/.package-lock.json ] && [ -e node_modules/yaml ] && [ -e node_modules/node/bin ]
}

install_node() {
  local tool
  for tool in brew apt-get dnf zypper pacman apk; do
    command -v "$tool" >/dev/null || continue
    case $tool in
      brew) printf 'brew install node' ;;
      pacman) printf 'sudo pacman -S nodejs npm' ;;
      apk) printf 'sudo apk add nodejs npm' ;;
      *) printf 'sudo %s install -y nodejs npm' "$tool" ;;
    esac
    return 0
  done
  printf 'https://nodejs.org/en/download'
}

# --- the commands -------------------------------------------------------------------------------------------

up() {
  local yes_option=''
  local step file target seconds
  look up
  case $cluster in
    half) run minikube stop -p "$profile" || explain start ;;
    paused) run minikube unpause -p "$profile" || explain start ;;
  esac
  case $cluster in
    absent)
      run minikube start -p "$profile" "--driver=$driver" --interactive=false \
        ${start_options[@]+"${start_options[@]}"} ${publish:+"--ports=$publish"} || explain start
      ;;
    # It keeps the driver, memory and processors that it was made with.
    stopped | half)
      run minikube start -p "$profile" --interactive=false \
        ${start_options[@]+"${start_options[@]}"} || explain start
      ;;
  esac
  # First of all: the autoscaler sees nothing for 75 to 150 s after this.
  [ "$metrics" = enabled ] || run minikube addons enable metrics-server -p "$profile" || explain addon

  if [ "$loaded" != yes ]; then
    run docker build -t "$image" . || explain build
    run minikube image load "$image" -p "$profile" || explain load
    # image load ends with 0 when it fails.
    run node deploy/image/images.ts verify "$image" --profile "$profile" || exit $?
  fi

  if [ "$sure" = yes ]; then yes_option=--yes; fi
  run node deploy/commands/write-manifests.ts --image "$image" --profile "$profile" \
    ${manifest_options[@]+"${manifest_options[@]}"} ${yes_option:+"$yes_option"} || exit $?
  # hostPath ignores fsGroup: the folders must belong to their pods' user before those start.
  [ ${#folders[@]} -eq 0 ] ||
    run minikube ssh -p "$profile" -- sudo install -d -o 999 -g 999 ${folders[@]+"${folders[@]}"} || explain folder

  # FILE WORKLOAD SECONDS: what is applied, and what is waited for before the next one.
  for step in ${order[@]+"${order[@]}"}; do
    read -r file target seconds <<<"$step"
    # A database that others run has no files.
    [ "$dry_run" = yes ] || [ -e "build/$file" ] || continue
    apply "build/$file"
    [ "$target" = - ] || wait_for "$target" "$seconds"
  done
  # An earlier one: leaving it out of what is applied does not remove it.
  [ "$backup" = nightly ] ||
    run kubectl delete -n mongo --context "$profile" --ignore-not-found cronjob/app-backup || explain remove

  # After the rollout: until then nobody minds the images of earlier versions.
  [ "$loaded" = yes ] ||
    run node deploy/image/images.ts remove-old "$image" --profile "$profile" || exit $?

  find_url
  if [ "$dry_run" != yes ] && [ -n "$url" ]; then printf '%s\n' "$url"; fi
  # After the first time it has its figures, but pods that it was told to have may still be missing.
  if [ "$metrics" != enabled ] || [ "$deployed" != yes ]; then
    run node deploy/commands/wait-autoscaler.ts --profile "$profile" || exit $?
  else
    wait_for deployment/app-deployment 180
  fi
  if [ "$dry_run" = yes ]; then return 0; fi
  say
  say "The application runs. Next: $(again test), $(again load), $(again status), $(again open)"
}

# The command as it would be typed for this cluster.
again() {
  printf './deploy.sh %s' "$1"
  [ "$profile" = minikube ] || printf ' --profile %s' "$profile"
}

apply() { run kubectl apply -n mongo --context "$profile" -f "$1" || explain apply "$1"; }

wait_for() {
  run node deploy/commands/wait-rollout.ts "$1" --deadline "$2" --profile "$profile" || exit $?
}

# shellcheck disable=SC2016 # the line is shown with its $(...) and evaluated as it is shown
find_url() {
  local option=''
  if [ "$tunnel" = yes ]; then option=' --tunnel'; fi
  run_line "url=\$(node deploy/commands/find-url.ts --profile $(quoted "$profile")$option)" || exit $?
}

# For a variable, never for the screen or for an argument, which everyone may read.
# shellcheck disable=SC2016 # the line is shown with its $(...) and evaluated as it is shown
find_token() {
  run_line "token=\$(node deploy/commands/print-token.ts --profile $(quoted "$profile"))" || exit $?
}

# One program, which asks the questions of look.ts besides its own.
status() {
  if [ "$dry_run" = yes ]; then look status; else find_node; fi
  run_open node deploy/commands/status.ts --profile "$profile" ${command_options[@]+"${command_options[@]}"} || exit $?
}

# The document has an _id of its own, so every line is known before it runs and can be run again.
# shellcheck disable=SC2016 # the lines are shown as a person would type them, and evaluated
test_it() {
  local ask='curl -fsS --max-time 30'
  look test --also=curl
  # A proxy cannot reach this machine or the node.
  case $url in '' | *//127.* | *//localhost* | *//'[::1]'*) ask="$ask --noproxy '*'" ;; esac
  if [ -n "$url" ]; then show_line "url=$(quoted "$url")"; else find_url; fi
  [ "$dry_run" = yes ] || [ -n "$url" ] ||
    fail 40 "the URL needs a tunnel: $(again open) in another window, then $(again test) --url URL"
  if [ "$token" = yes ]; then
    find_token
    ask="$ask -H @<(printf 'Authorization: Bearer %s' \"\$token\")"
  fi
  try "$ask"' "$url/"'
  try "$ask"' -X POST -H '"'Content-Type: application/json' -H 'Prefer: resolution=ignore-duplicates' -d '{\"_id\": \"deploy-test\", \"3\": \"three\"}'"' "$url/data"'
  try "$ask"' "$url/data/deploy-test"' '"3":"three"'
  try "$ask"' -X DELETE "$url/data/deploy-test"'
  [ "$dry_run" = yes ] || say 'The application took a document, gave it back and removed it.'
}

# Runs a line, prints what it answered, and looks for a text in the answer.
try() {
  local answer code=0
  show_line "$1"
  if [ "$dry_run" = yes ]; then return 0; fi
  answer=$(eval "$1") || code=$?
  case $code in
    0) ;;
    # curl's own codes for a name, a connection and an answer that do not come.
    6 | 7 | 28 | 35 | 52 | 56) explain no-answer "$1" ;;
    *) explain answer "$1" ;;
  esac
  printf '%s\n' "${answer:-(an empty answer)}"
  case $answer in *"${2:-}"*) ;; *) explain answer "$1" ;; esac
}

load() {
  local code=0
  look load
  run node deploy/commands/write-load.ts --profile "$profile" --minutes "$minutes" \
    --clients "$clients" || exit $?
  if [ "$dry_run" != yes ]; then trap end_load EXIT; fi
  apply build/load/objects.json
  run node deploy/commands/watch-load.ts --profile "$profile" --minutes "$minutes" \
    ${wait_option:+"$wait_option"} || code=$?
  trap - EXIT
  end_load
  exit "$code"
}

# After Ctrl+C too: nothing is left running. Without it the job would end by its own deadline.
end_load() {
  trap - EXIT
  run kubectl delete -n mongo --context "$profile" --ignore-not-found -f build/load/objects.json ||
    say 'The load job could not be removed. It ends on its own.'
}

open_it() {
  look open
  if [ "$tunnel" = yes ]; then
    say 'Leave this window open: Ctrl+C ends the tunnel, the application goes on.'
  fi
  run_open minikube service app-service -n mongo -p "$profile" || explain open
}

logs() {
  look logs
  if [ -n "$follow_option" ]; then
    # kubectl follows the pods that exist at its start, and no later ones.
    run_open node deploy/commands/follow-logs.ts --profile "$profile" || exit $?
  else
    run_open kubectl logs -n mongo --context "$profile" --prefix --tail=50 --max-log-requests=10 --ignore-errors \
      -l 'app.kubernetes.io/part-of=data-service' || explain logs
  fi
}

restart() {
  look restart
  run kubectl rollout restart -n mongo --context "$profile" deployment/app-deployment || explain restart
  wait_for deployment/app-deployment 180
}

rollback() {
  look rollback
  run kubectl rollout undo -n mongo --context "$profile" deployment/app-deployment || explain rollback
  run node deploy/commands/note-rollback.ts --profile "$profile" || exit $?
  wait_for deployment/app-deployment 180
}

database() {
  look database
  run_open node deploy/commands/forward-database.ts --profile "$profile" ${show_option:+"$show_option"} || exit $?
}

dev() {
  look dev
  run_open node deploy/commands/forward-database.ts --run-code --profile "$profile" || exit $?
}

push() {
  [ -n "$image_to_push" ] || wrong 'push needs a name: push REGISTRY/NAME[:TAG]'
  look push
  case ${image_to_push##*/} in
    *:*) ;;
    *) image_to_push=$image_to_push:${image##*:} ;;
  esac
  if [ -n "$platforms" ]; then
    # docker buildx build --push, which builds for all of them, and what it means if that fails.
    run node deploy/image/push.ts "$image_to_push" "--platform=$platforms" --profile "$profile" || exit $?
    return 0
  fi
  run docker build -t "$image" . || explain build
  run docker tag "$image" "$image_to_push" || explain push "$image_to_push"
  # docker push, and what it means if the registry refuses.
  run node deploy/image/push.ts "$image_to_push" --profile "$profile" || exit $?
}

backup() {
  look backup
  run_open node deploy/commands/run-job.ts backup --profile "$profile" || exit $?
}

restore() {
  look restore
  if [ -z "$backup_file" ]; then
    run_open node deploy/commands/list-backups.ts --profile "$profile" || exit $?
    return 0
  fi
  confirm "Puts the documents of the backup $backup_file in the place of all present documents. Those become a backup of their own."
  run_open node deploy/commands/run-job.ts restore "$backup_file" --profile "$profile" || exit $?
}

down() {
  local what='The documents and the password stay.'
  look down
  if [ "$cluster" = absent ]; then
    say "There is no cluster \"$profile\": nothing to remove."
    return 0
  fi
  if [ "$whole_cluster" = yes ]; then
    confirm "Removes the minikube cluster \"$profile\" with everything in it, the documents and the backups too."
    run minikube delete -p "$profile" || explain remove
    return 0
  fi
  [ "$cluster" = running ] || [ "$dry_run" = yes ] ||
    fail 25 "the cluster \"$profile\" does not run: minikube start -p $profile, or $(again 'down --cluster')"
  [ "$data" = no ] || what='Every document in it goes too. The backups stay.'
  [ "$backups" = no ] || what='Every document in it goes too, and every backup. There is no way back.'
  if [ "$database" = external ]; then
    confirm "Removes the application. The documents of the external database stay where they are. Of a database of our own in this cluster: $what"
  else
    confirm "Removes the application and its database server. $what"
  fi
  run kubectl delete -n mongo --context "$profile" --ignore-not-found cronjob/app-backup hpa/app-autoscale pdb/app-disruption \
    service/app-service deployment/app-deployment service/mongodb-client service/mongodb statefulset/mongodb || explain remove
  if [ "$data" = yes ]; then
    run kubectl delete --context "$profile" --ignore-not-found namespace/mongo || explain remove
    run kubectl delete --context "$profile" --ignore-not-found persistentvolume/mongo-volume persistentvolume/app-backups || explain remove
    run minikube ssh -p "$profile" -- sudo rm -rf /data/mongodb || explain remove
    if [ "$backups" = yes ]; then
      run minikube ssh -p "$profile" -- sudo rm -rf /data/backups || explain remove
    elif [ "$dry_run" != yes ]; then
      say "The backups are in /data/backups of the node: $(again up), then $(again restore). To remove them too: $(again 'down --data --backups')"
    fi
  fi
}

# Says what will be removed, and asks. If nobody can answer, nothing is.
confirm() {
  local answer
  say "$1"
  if [ "$sure" = yes ] || [ "$dry_run" = yes ]; then return 0; fi
  [ -t 0 ] || fail 3 'nothing was done: there is no terminal to ask at; --yes confirms'
  printf 'Go on? [y/N] ' >&2
  read -r answer || answer=no
  case $answer in
    [yY] | [yY][eE][sS]) ;;
    *) fail 3 'nothing was done' ;;
  esac
}

main() {
  trap 'exit 130' INT TERM
  parse "$@"
  case $command in
    up) up ;;
    status) status ;;
    test) test_it ;;
    load) load ;;
    open) open_it ;;
    logs) logs ;;
    restart) restart ;;
    rollback) rollback ;;
    database) database ;;
    dev) dev ;;
    push) push ;;
    backup) backup ;;
    restore) restore ;;
    down) down ;;
    *) wrong "unknown command $command" ;;
  esac
}

main "$@"

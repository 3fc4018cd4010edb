#!/usr/bin/env bash
# From a laptop to a running, autoscaled application on minikube. ./deploy.sh --help lists the words.
#
# deploy.ps1 is this script in PowerShell: the same steps in the same order, the same messages and exit
# codes. Each command is shown before it runs. What needs thought is TypeScript under deploy/, called by
# both. bash 3.2 is the floor: macOS has no newer one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'HELP'
./deploy.sh [word] [options]          on Windows: ./deploy.ps1 with the same words and options

Words
  up        (the default) start minikube, build, load, apply, wait, print the URL
  status    pods, autoscaler, image, size of the data, last events
  test      POST, GET and DELETE a document through the URL
  load      load from inside the cluster until the autoscaler has added its pods
  open      open the service; where that needs a tunnel it stays in the foreground
  logs      the last lines of the application and of the database
  push      build, tag and push the image: push REGISTRY/NAME[:TAG]
  down      remove the application; its documents and its password stay

Options                               PowerShell spelling, good in both: -DryRun, -NodePort 30301
  --dry-run                  print the commands of a run, run none of them
  --profile NAME             the minikube profile and kubectl context (minikube)
  --node-port 30000..32767   up: the port of the node (30300)
  --replicas 2..5            up: the fewest pods (2)
  --cpu 1..100               up: percent of CPU at which pods are added (70)
  --scale-down-window N      up: seconds of calm before a pod goes (300)
  --minutes N                load: at most so long (3)
  --clients N                load: so many at once (24)
  --wait                     load: wait for scale-in too
  --follow                   logs: go on until Ctrl+C
  --url URL                  test: through this URL
  --data                     down: its documents too
  --cluster                  down: minikube itself too, with everything in it
  --yes                      down: do not ask
  --help

Exit codes
    0  done
    1  something that no line below names
    2  an unknown word or a wrong option
    3  you answered no
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
   26  the application is there, and not well
   30  no node has room for a pod
   31  a pod cannot get its image
   32  a container ends again and again
   33  the database refuses the password
   34  a container cannot be created: settings, secret or volume
   35  the cluster refuses to make the pods
   36  a wait reached its deadline
   40  the URL does not answer
   41  the URL answers, and not as it should
   42  the autoscaler did not act in time
   43  requests failed under load
   50  not logged in to the registry
   51  the push failed
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

# After a command that failed: its meaning, one remedy and the exit code, by deploy/explain.ts.
explain() {
  local code=0
  node --import tsx deploy/explain.ts "$@" --profile "$profile" || code=$?
  exit "$code"
}

# --- what a run is about ------------------------------------------------------------------------------------

word=''
image_to_push=''
dry_run=no
profile=minikube
minutes=3
clients=24
url=''
wait_option=''
follow_option=''
data=no
whole_cluster=no
sure=no
manifest_options=()

parse() {
  local name value
  while [ $# -gt 0 ]; do
    name=$1
    shift
    case $name in
      --dry-run | -DryRun) dry_run=yes ;;
      --wait | -Wait) wait_option=--wait ;;
      --follow | -Follow) follow_option=--follow ;;
      --data | -Data) data=yes ;;
      --cluster | -Cluster) whole_cluster=yes ;;
      --yes | -Yes) sure=yes ;;
      --help | -Help | -h) usage; exit 0 ;;
      -*)
        case $name in
          *=*)
            value=${name#*=}
            name=${name%%=*}
            ;;
          *)
            value=${1:-}
            case $value in -*) value='' ;; esac
            [ $# -eq 0 ] || shift
            ;;
        esac
        [ -n "$value" ] || wrong "$name needs a value"
        option "$name" "$value"
        ;;
      *)
        if [ -z "$word" ]; then word=$name
        elif [ "$word" = push ] && [ -z "$image_to_push" ]; then image_to_push=$name
        else wrong "unexpected $name"; fi
        ;;
    esac
  done
  word=${word:-up}
}

option() {
  case $1 in
    --profile | -Profile) profile=$2 ;;
    --minutes | -Minutes) minutes=$2 ;;
    --clients | -Clients) clients=$2 ;;
    --url | -Url) url=${2%/} ;;
    --node-port | -NodePort) manifest_options+=("--node-port=$2") ;;
    --replicas | -Replicas) manifest_options+=("--replicas=$2") ;;
    --cpu | -Cpu) manifest_options+=("--cpu=$2") ;;
    --scale-down-window | -ScaleDownWindow) manifest_options+=("--scale-down-window=$2") ;;
    *) wrong "unknown option $1" ;;
  esac
}

wrong() { fail 2 "$1; ./deploy.sh --help lists words and options"; }

# The project's own Node, its packages, and the facts that decide what a run has to do.
look() {
  local loader=(--import tsx) node_major facts key value
  PATH="$PWD/node_modules/node/bin:$PATH"
  # npm ci writes this file last: without it an earlier run was interrupted.
  if [ ! -e node_modules/.package-lock.json ]; then
    command -v npm >/dev/null || fail 10 "npm is missing: $(install_node)"
    run npm ci || fail 14 'npm ci failed; its reason is above'
    if [ "$dry_run" = yes ]; then
      # A dry run has no tsx yet; Node 24 and newer read TypeScript by themselves.
      loader=(--experimental-strip-types --disable-warning=ExperimentalWarning)
      node_major=$(node -p process.versions.node) || fail 10 "node is missing: $(install_node)"
      if [ "${node_major%%.*}" -lt 22 ]; then
        say 'What follows depends on what npm ci brings: run it, then ask again.'
        exit 0
      fi
    fi
  fi
  command -v node >/dev/null || fail 10 "node is missing: $(install_node)"
  if [ "$dry_run" = yes ]; then set -- "$@" --dry-run; fi
  facts=$(node "${loader[@]}" deploy/look.ts "$@" --profile "$profile" \
    ${manifest_options[@]+"${manifest_options[@]}"}) || exit $?
  while IFS='=' read -r key value; do
    case $key in
      cluster) cluster=$value ;;
      image) image=$value ;;
      publish) publish=$value ;;
      secret) secret=$value ;;
      tunnel) tunnel=$value ;;
      metrics) metrics=$value ;;
      loaded) loaded=$value ;;
    esac
  done <<FACTS
$facts
FACTS
}

install_node() {
  case $(uname -s) in
    Darwin) printf 'brew install node' ;;
    *) printf 'sudo apt-get install -y nodejs npm' ;;
  esac
}

# --- the words ----------------------------------------------------------------------------------------------

up() {
  look up
  case $cluster in
    half) run minikube stop -p "$profile" || explain start ;;
    paused) run minikube unpause -p "$profile" || explain start ;;
  esac
  case $cluster in
    absent | stopped | half)
      run minikube start -p "$profile" --driver=docker --interactive=false \
        ${publish:+"--ports=$publish"} || explain start
      ;;
  esac
  # First of all: the autoscaler sees nothing for 75 to 150 s after this.
  [ "$metrics" = enabled ] || run minikube addons enable metrics-server -p "$profile" || explain addon

  if [ "$loaded" != yes ]; then
    run docker build -t "$image" . || explain build
    run minikube image load "$image" -p "$profile" || explain load
    # image load ends with 0 when it fails.
    run node --import tsx deploy/verify-image.ts "$image" --profile "$profile" || exit $?
  fi

  [ "$secret" = kept ] ||
    run node --import tsx deploy/keep-secret.ts --profile "$profile" || exit $?
  run node --import tsx manifests.ts --image "$image" \
    ${manifest_options[@]+"${manifest_options[@]}"} || explain manifests
  # hostPath ignores fsGroup: the folder must belong to mongod's user before its pod starts.
  run minikube ssh -p "$profile" -- sudo install -d -o 999 -g 999 /data/mongodb || explain folder

  apply build/dev-space.yaml
  apply build/network.yaml
  apply build/mongo-config.yaml
  apply build/mongo-secret.yaml
  apply build/mongo-volume.yaml
  apply build/mongo-stateful.yaml
  wait_for statefulset/mongodb 300
  apply build/app.yaml
  wait_for deployment/app-deployment 180
  apply build/app-autoscale.yaml

  find_url
  run node --import tsx deploy/wait-autoscaler.ts --profile "$profile" || exit $?
  if [ "$dry_run" = yes ]; then return 0; fi
  say
  say 'The application runs. Next: ./deploy.sh test, ./deploy.sh load, ./deploy.sh status, ./deploy.sh open'
  if [ -n "$url" ]; then printf '%s\n' "$url"; fi
}

apply() { run kubectl apply -n mongo --context "$profile" -f "$1" || explain apply "$1"; }

wait_for() {
  run node --import tsx deploy/wait.ts "$1" --deadline "$2" --profile "$profile" || exit $?
}

# shellcheck disable=SC2016 # the line is shown with its $(...) and evaluated as it is shown
find_url() {
  local option=''
  if [ "$tunnel" = yes ]; then option=' --tunnel'; fi
  run_line "url=\$(node --import tsx deploy/url.ts --profile $(quoted "$profile")$option)" || exit $?
}

status() {
  look status
  run_open node --import tsx deploy/status.ts --profile "$profile" || exit $?
}

# The document has an _id of its own, so every line is known before it runs and can be run again.
# shellcheck disable=SC2016 # the lines are shown as a person would type them, and evaluated
test_it() {
  look test --also curl
  if [ -n "$url" ]; then show_line "url=$(quoted "$url")"; else find_url; fi
  [ "$dry_run" = yes ] || [ -n "$url" ] ||
    fail 40 'the URL needs a tunnel: ./deploy.sh open in another window, then ./deploy.sh test --url URL'
  try 'curl -fsS "$url/"'
  try "curl -fsS -X POST -H 'Content-Type: application/json' -H 'Prefer: resolution=ignore-duplicates' -d '{\"_id\": \"deploy-test\", \"3\": \"three\"}' \"\$url/data\""
  try 'curl -fsS "$url/data/deploy-test"' '"3":"three"'
  try 'curl -fsS -X DELETE "$url/data/deploy-test"'
  [ "$dry_run" = yes ] || say 'The application took a document, gave it back and removed it.'
}

# Runs a line, prints what it answered, and looks for a text in the answer.
try() {
  local answer
  show_line "$1"
  if [ "$dry_run" = yes ]; then return 0; fi
  answer=$(eval "$1") || explain answer "$1"
  printf '%s\n' "${answer:-(an empty answer)}"
  case $answer in *"${2:-}"*) ;; *) explain answer "$1" ;; esac
}

load() {
  local code=0
  look load
  run node --import tsx deploy/write-load.ts --profile "$profile" --minutes "$minutes" \
    --clients "$clients" || exit $?
  if [ "$dry_run" != yes ]; then trap end_load EXIT; fi
  apply build/load/objects.json
  run node --import tsx deploy/load-watch.ts --profile "$profile" --minutes "$minutes" \
    ${wait_option:+"$wait_option"} || code=$?
  trap - EXIT
  end_load
  exit "$code"
}

# After Ctrl+C too: nothing is left running. Without it the job would end by its own deadline.
end_load() {
  trap - EXIT
  run kubectl delete -n mongo --context "$profile" --ignore-not-found -f build/load/objects.json ||
    say 'The load job could not be removed. It ends by itself.'
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
  # shellcheck disable=SC2086 # empty or one word
  run_open kubectl logs -n mongo --context "$profile" --prefix --tail=50 --max-log-requests=10 \
    -l 'app.kubernetes.io/part-of=data-service' $follow_option || explain logs
}

push() {
  [ -n "$image_to_push" ] || wrong 'push needs a name: push REGISTRY/NAME[:TAG]'
  look push
  case ${image_to_push##*/} in
    *:*) ;;
    *) image_to_push=$image_to_push:${image##*:} ;;
  esac
  run node --import tsx deploy/login-state.ts "$image_to_push" || exit $?
  run docker build -t "$image" . || explain build
  run docker tag "$image" "$image_to_push" || explain push "$image_to_push"
  run docker push "$image_to_push" || explain push "$image_to_push"
}

down() {
  look down
  if [ "$cluster" = absent ]; then
    say "There is no cluster \"$profile\": nothing to remove."
    return 0
  fi
  if [ "$whole_cluster" = yes ]; then
    confirm "Removes the minikube cluster \"$profile\" with everything in it, the documents too."
    run minikube delete -p "$profile" || explain remove
    return 0
  fi
  [ "$cluster" = running ] || [ "$dry_run" = yes ] ||
    fail 25 "the cluster \"$profile\" does not run: minikube start -p $profile, or ./deploy.sh down --cluster"
  if [ "$data" = yes ]; then
    confirm 'Removes the application, its database and every document in it. There is no way back.'
  else
    confirm 'Removes the application and its database server. The documents and the password stay.'
  fi
  run kubectl delete -n mongo --context "$profile" --ignore-not-found hpa/app-autoscale pdb/app-disruption \
    service/app-service deployment/app-deployment service/mongodb-client service/mongodb statefulset/mongodb || explain remove
  if [ "$data" = yes ]; then
    run kubectl delete --context "$profile" --ignore-not-found namespace/mongo || explain remove
    run kubectl delete --context "$profile" --ignore-not-found persistentvolume/mongo-volume || explain remove
    run minikube ssh -p "$profile" -- sudo rm -rf /data/mongodb || explain remove
  fi
}

# Says what goes, and asks where a person is there to answer.
confirm() {
  local answer
  say "$1"
  if [ "$sure" = yes ] || [ "$dry_run" = yes ] || [ ! -t 0 ]; then return 0; fi
  printf 'Go on? [y/N] ' >&2
  read -r answer || answer=no
  case $answer in
    [yY] | [yY][eE][sS]) ;;
    *) fail 3 'nothing was removed' ;;
  esac
}

main() {
  trap 'exit 130' INT TERM
  parse "$@"
  case $word in
    up) up ;;
    status) status ;;
    test) test_it ;;
    load) load ;;
    open) open_it ;;
    logs) logs ;;
    push) push ;;
    down) down ;;
    *) wrong "unknown word $word" ;;
  esac
}

main "$@"

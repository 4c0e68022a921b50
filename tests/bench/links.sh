#!/usr/bin/env bash
# Modelled against real: the same run over links that the kernel shapes, round by round beside what the virtual clock says. Eight users
# on a client each, in network namespaces; every round sends each of them 30 kB, and lightfr-paper 15 kB back. What computing takes is
# measured first, without shaping, and told to the model (network.compute_ms). The last line of a link is the same run on the clock
# alone; for one it is done once more in real time (network.real_time), which holds replies as long as they are modelled to take.
# usage: tests/bench/links.sh [BUILD_FOLDER build/release] [KBIT_A_SECOND ... 10000 1000]       needs root
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build/release}" && pwd)
shift || true
[ $# -gt 0 ] || set -- 10000 1000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for method in implicit-dcd lightfr-paper; do
echo "$method"
compute_ms=0
for kbit in - "$@"; do
  speed=$kbit
  [ "$kbit" != - ] || speed=1000000
  printf 'down_kbps,up_kbps,latency_ms\n%s,%s,0\n' "$speed" "$speed" > "$work/links.csv"
  "$build/fedhash" deal scenarios/quickstart.toml --to "$work/$method-$kbit" --no-baselines \
    --set data.synthetic.users=8 --set data.synthetic.items=3706 --set run.clients=users --set run.rounds=10 \
    --set method.name=$method --set run.participation=1 --set coding.codes=full --set eval.every=0 --set eval.test=false \
    --set "network.links=$work/links.csv" --set "network.compute_ms=$compute_ms" > /dev/null
  run=$(dirname "$(ls "$work/$method-$kbit"/*/manifest.json)")
  rate=$kbit
  [ "$kbit" = - ] || rate=${kbit}kbit
  status=0
  tests/e2e/hosts.sh "$build" "$work/$method-$kbit" "$run" "$rate" > "$work/out" || status=$?
  if [ $status != 0 ]; then cat "$work/out"; exit $status; fi
  # The first round sends a seed alone; means are over the others.
  real_ms=$(awk -F, 'NR > 2 && $6 > 0 { real += $2; rounds++ } END { printf "%.3f", 1000 * real / rounds }' "$run/costs.csv")
  if [ "$kbit" = - ]; then
    compute_ms=$real_ms
    echo "without shaping a round takes $real_ms ms"
    continue
  fi
  awk -F, -v kbit="$kbit" -v real="$real_ms" 'NR > 2 { modelled += $3 - $2; rounds++ }
    END { modelled *= 1000 / rounds
          printf "%6d kbit/s: a round takes %.1f ms, the virtual clock says %.1f ms: %+.1f %%\n",
                 kbit, real, modelled, 100 * (modelled / real - 1) }' "$run/clock.csv"
  rm -rf "$work/model"
  "$build/fedhash" run "$run/config.toml" --out "$work/model" --no-baselines \
    --set run.transport=in-process --set run.clients=1 > /dev/null 2>&1
  # The median round: the first few get their memory from the system.
  awk -F, 'NR > 2 && $6 > 0 { print 1000 * $2 }' "$work"/model/*/costs.csv | sort -n |
    awk -v real="$real_ms" '{ took[NR] = $1 } END { ms = took[int((NR + 1) / 2)]
      printf "               in one process, by the clock alone: %.2f ms (median), %.0f times as fast\n", ms, real / ms }'
done
rm -rf "$work/paced"
"$build/fedhash" run "$run/config.toml" --out "$work/paced" --no-baselines --set run.transport=tcp --set network.real_time=true \
  > /dev/null 2>&1
awk -F, -v kbit="$kbit" 'FILENAME ~ /clock/ && FNR > 2 { modelled += $3 - $2 } FILENAME ~ /costs/ && FNR > 2 && $6 > 0 { took += $2 }
  END { printf "%6d kbit/s in real time, no shaping: rounds took %.2f s, modelled %.2f s: %+.1f %%\n", kbit, took, modelled,
               100 * (took / modelled - 1) }' "$work"/paced/*/clock.csv "$work"/paced/*/costs.csv
done

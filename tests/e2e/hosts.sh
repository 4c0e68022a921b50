#!/usr/bin/env bash
# A coordinator and a client for each dealt shard in network namespaces of their own, as on so many machines, joined by a bridge; each
# client's link is shaped by the kernel (tbf) and loses packets (nftables). All of it lives in namespaces that end with this script.
# A dealt shuffler has a namespace of its own, too.
# usage: hosts.sh BUILD_FOLDER DEALT_FOLDER RUN_FOLDER [RATE e.g. 10mbit|-] [LOSS_PERCENT 0]     exit 77: the kernel forbids it
set -uo pipefail
build=$1 dealt=$2 run=$3 rate=${4:--} loss=${5:-0}
name=fh$$
clients=$(find "$dealt/shards" -type f | wc -l)
hosts=$(seq 0 "$clients")  # 0: the coordinator
[ ! -f "$dealt/shuffler" ] || hosts="$hosts $((clients + 1))"

forbid() { echo "$1"; exit 77; }
[ "$(id -u)" = 0 ] || forbid "network namespaces need root"
command -v ip >/dev/null || forbid "no ip command (iproute2)"
cleanup() {
  kill $(jobs -p) 2>/dev/null
  for i in $hosts; do ip netns del "${name}h$i" 2>/dev/null; done
  ip link del "${name}b" 2>/dev/null
}
trap cleanup EXIT
ip link add "${name}b" type bridge 2>/dev/null || forbid "the kernel makes no bridge"
ip link set "${name}b" up
for i in $hosts; do
  ip netns add "${name}h$i" 2>/dev/null || forbid "the kernel makes no network namespace"
  ip link add "${name}v$i" type veth peer name eth0 netns "${name}h$i" || forbid "the kernel makes no veth pair"
  ip link set "${name}v$i" master "${name}b" up
  ip -n "${name}h$i" addr add "10.99.0.$((10 + i))/24" dev eth0
  ip -n "${name}h$i" link set eth0 up
  ip -n "${name}h$i" link set lo up
  [ "$i" = 0 ] && continue
  if [ "$rate" != - ]; then  # both ways; the coordinator's own link is not the narrow one
    ip netns exec "${name}h$i" tc qdisc add dev eth0 root tbf rate "$rate" burst 1600 latency 4s ||
      forbid "the kernel does not shape (tbf)"
    tc qdisc add dev "${name}v$i" root tbf rate "$rate" burst 1600 latency 4s
  fi
  if [ "$loss" != 0 ]; then
    command -v nft >/dev/null || forbid "no nft command (nftables)"
    ip netns exec "${name}h$i" nft -f - <<RULES || forbid "the kernel does not drop packets (nftables numgen)"
table inet lossy {
  chain in {
    type filter hook input priority 0;
    iifname eth0 numgen random mod 100 < $loss drop
  }
}
RULES
  fi
done

where=tcp:10.99.0.10:4711
# Clients first: who starts last is not a matter of luck between machines.
for i in $(seq 1 "$clients"); do
  ip netns exec "${name}h$i" "$build/fedhash-client" --shard "$dealt/shards/$((i - 1))" --connect "$where" --wait 60 &
done
[ ! -f "$dealt/shuffler" ] ||
  ip netns exec "${name}h$((clients + 1))" "$build/fedhash-shuffler" --keys "$dealt/shuffler" --connect "$where" --wait 60 &
ip netns exec "${name}h0" "$build/fedhash-server" --options "$dealt/server.json" --run "$run" --listen "$where"
code=$?
wait
exit $code

#!/usr/bin/env bash
# make.sh: the images of this repository, from Debian's packages and the wheels of requirements.lock; no image registry is
# asked. Needs root, an engine and debootstrap. BASE=debian:bookworm-slim takes that base instead of one made here.
# What did not change since the last call is not made again.
set -euo pipefail
cd "$(dirname "$0")/../.."
tag=1 folder=${KUALIK_IMAGES:-/var/tmp/kualik-images} context=build/context began=$SECONDS
say() { printf '%4d s  %s\n' $((SECONDS - began)) "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

command -v docker >/dev/null && docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || fail "No container engine answers here.
On Debian: apt-get install --no-install-recommends docker.io docker-compose debootstrap, then systemctl start docker
(where there is no systemd: dockerd &). Who may not use the engine: add them to the group docker, or say sudo make images."

mark() { cat "$@" | sha256sum | cut -c1-16; }
has() { [ "$(docker image inspect --format '{{index .Config.Labels "kualik.made"}}' "$1" 2>/dev/null)" = "$2" ]; }

from_debian() { # NAME MARK PREPARATION PACKAGES… -- docker import's words…
	local name=$1 made=$2 prepare=$3 packages=()
	shift 3
	while [ "$1" != -- ]; do packages+=("$1"); shift; done
	shift
	if has "$name" "$made"; then say "$name is as it was"; return; fi
	[ "$(id -u)" = 0 ] || fail "To make $name a system is put together with its owners' rights: sudo make images"
	command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
	say "$name from Debian's packages: ${packages[*]} …"
	mkdir -p "$folder"
	deploy/images/rootfs.sh "$name" "$folder" "${packages[@]}"
	local root=${name##*/}
	root=$folder/${root%%:*}
	"$prepare" "$root"
	tar -C "$root" --numeric-owner -c . | docker import --change "LABEL kualik.made=$made" "$@" - "$name" >/dev/null
	rm -rf "$root"
}

nothing_more() { :; }

for_postgres() {
	install -m 755 deploy/images/postgres.sh "$1/usr/local/bin/entrypoint"
	rm -rf "$1"/usr/lib/*/libLLVM* "$1"/usr/lib/postgresql/*/lib/llvmjit* "$1"/usr/lib/postgresql/*/lib/bitcode \
		"$1"/usr/lib/*/libz3* "$1"/usr/lib/*/perl "$1"/usr/share/perl "$1"/usr/lib/*/gconv "$1"/var/lib/postgresql/*
	ln -s "$(cd "$1" && echo usr/lib/postgresql/*/bin)" "$1/postgres-bin"
	chroot "$1" install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data
}

for_rabbitmq() {
	printf '[rabbitmq_management,rabbitmq_prometheus].\n' >"$1/etc/rabbitmq/enabled_plugins"
	mkdir -p "$1/etc/rabbitmq/conf.d"
	chroot "$1" install -d -o rabbitmq -g rabbitmq -m 750 /var/log/rabbitmq
	rm -rf "$1"/var/lib/rabbitmq/.erlang.cookie "$1"/usr/lib/*/gconv
}

own=$(mark deploy/images/rootfs.sh deploy/images/dpkg.cfg deploy/images/make.sh)
if [ -z "${BASE:-}" ]; then
	BASE=kualik/python:bookworm
	from_debian "$BASE" "$own" nothing_more python3 ca-certificates liblapack3 binutils -- --change 'CMD ["bash"]'
fi
from_debian kualik/postgres:15 "$own-$(mark deploy/images/postgres.sh)" for_postgres postgresql-15 -- \
	--change 'ENV PATH=/postgres-bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data LC_ALL=C.UTF-8' \
	--change 'USER postgres' --change 'VOLUME /var/lib/postgresql/data' --change 'EXPOSE 5432' \
	--change 'ENTRYPOINT ["entrypoint"]' --change 'CMD ["postgres"]'
from_debian kualik/rabbitmq:3.10 "$own" for_rabbitmq rabbitmq-server -- \
	--change 'ENV PATH=/usr/lib/rabbitmq/bin:/usr/bin:/bin HOME=/var/lib/rabbitmq RABBITMQ_LOGS=- LC_ALL=C.UTF-8' \
	--change 'USER rabbitmq' --change 'VOLUME /var/lib/rabbitmq' --change 'EXPOSE 5672 15672 15692' \
	--change 'CMD ["rabbitmq-server"]'
rm -rf "$folder/bare"

say "the wheels of requirements.lock that run …"
mkdir -p $context/wheels $context/tools
rm -rf $context/tools/*
.venv/bin/python deploy/images/runtime.py >$context/runtime.lock
if [ "$(cat $context/wheels.mark 2>/dev/null)" != "$(mark $context/runtime.lock)" ]; then
	rm -rf $context/wheels/*
	.venv/bin/pip download --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: --no-deps \
		--python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none --dest $context/wheels \
		$(for old in 2_34 2_28 2_27 2_26 2_24 2_17 2_12 2_5; do echo --platform "manylinux_${old}_$(uname -m)"; done) \
		--platform "manylinux2014_$(uname -m)" -r $context/runtime.lock 2>$context/pip.log \
		|| { grep -v '^WARNING: Location' $context/pip.log | tail -n 5 >&2; exit 1; }
	mark $context/runtime.lock >$context/wheels.mark
fi
cp -r "$(.venv/bin/python -c 'import pathlib, pip; print(pathlib.Path(pip.__file__).parent)')" $context/tools/pip
find $context/tools -name __pycache__ -prune -exec rm -rf {} +

made=$(.venv/bin/python deploy/images/source.py)
say "kualik/services:$tag on $BASE, of the source $made …"
DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0} docker build --quiet --build-arg "BASE=$BASE" --label "kualik.made=$made" -f deploy/Dockerfile \
	-t "kualik/services:$tag" . >$context/build.log 2>&1 || { tail -n 15 $context/build.log >&2; exit 1; }
say "done"
docker images --format '        {{.Repository}}:{{.Tag}}  {{.Size}}' | grep kualik/

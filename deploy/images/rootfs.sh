#!/usr/bin/env bash
# rootfs.sh NAME FOLDER [PACKAGE…]: a minimal Debian with these packages, from the Debian mirror that this machine's apt
# already uses, becomes the image NAME. FOLDER keeps the bare system between calls. Needs root, debootstrap and an engine.
set -euo pipefail
name=$1 folder=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
suite=bookworm
bare=$folder/bare root=$folder/${name##*/}
root=${root%%:*}

sources() {
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
		| grep -E " $suite(-updates|-security)? main$" | sort -u
}

if [ ! -e "$bare/.done" ]; then
	mirror=$(sources | awk -v suite="$suite" '$3 == suite { print $2; exit }')
	[ -n "$mirror" ] || { echo "apt of this machine knows no mirror of Debian '$suite'; run apt-get update first" >&2; exit 1; }
	rm -rf "$bare"
	mkdir -p "$bare"
	debootstrap --variant=minbase "$suite" "$bare" "$mirror" >"$folder/debootstrap.log" 2>&1 \
		|| { tail -n 5 "$folder/debootstrap.log" >&2; exit 1; }
	sources >"$bare/etc/apt/sources.list"
	printf '#!/bin/sh\nexit 101\n' >"$bare/usr/sbin/policy-rc.d"
	chmod 755 "$bare/usr/sbin/policy-rc.d"
	cp "$here/dpkg.cfg" "$bare/etc/dpkg/dpkg.cfg.d/slim"
	touch "$bare/.done"
fi

rm -rf "$root"
cp -a "$bare" "$root"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
[ ! -s /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$root/etc/apt/apt.conf"
inside() { DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" "$@" >>"$root.log" 2>&1 || { tail -n 5 "$root.log" >&2; exit 1; }; }
: >"$root.log"
inside apt-get update
inside apt-get -y --no-install-recommends dist-upgrade
[ $# -eq 0 ] || inside apt-get -y --no-install-recommends install "$@"
inside apt-get clean

# No mirror of this machine stays in the image, nor what only a person at a terminal would read.
rm -rf "$root"/etc/apt/{sources.list,sources.list.d,apt.conf} "$root"/etc/resolv.conf "$root"/.done "$root"/usr/sbin/policy-rc.d \
	"$root"/var/lib/apt/lists/* "$root"/var/cache/{apt,debconf}/* "$root"/var/log/* "$root"/usr/share/{doc,man,info,lintian}/* \
	"$root"/tmp/* "$root"/usr/share/locale/*
mkdir -p "$root"/var/lib/apt/lists/partial "$root"/var/cache/apt/archives/partial

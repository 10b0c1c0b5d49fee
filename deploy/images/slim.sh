#!/bin/sh
# slim.sh SITE: leave out of this system, and of the Python packages in SITE, what no service ever opens.
set -eu
site=$1

# Symbols for a debugger. The libraries that came bundled with a wheel (*.libs) are laid out so that strip breaks them.
if command -v strip >/dev/null; then
	find "$site" -name '*.so' ! -path '*/numpy/*' ! -path '*/cv2/*' ! -path '*.libs/*' -exec strip --strip-unneeded {} +
	dpkg --purge e2fsprogs logsave $(dpkg-query -W -f '${Package}\n' | grep -E '^(binutils|libbinutils|libctf|libgprofng|libjansson)') >/dev/null
fi
find "$site" -type d \( -name tests -o -name testing \) -path '*/numpy/*' -prune -exec rm -rf {} +
find "$site" \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.c' -o -name '*.a' \) -delete
find "$site/fontTools" -name '*.so' -delete  # the same in Python stands beside each
find "$site/cv2/data" -name '*.xml' ! -name 'haarcascade_frontalface_alt2.xml' ! -name 'haarcascade_frontalface_default.xml' \
	! -name 'haarcascade_eye.xml' ! -name 'haarcascade_eye_tree_eyeglasses.xml' -delete
rm -rf "$site/bin" "$site/numpy/f2py" "$site/numpy/distutils" "$site"/numpy/random "$site"/numpy/_core/_simd*.so "$site"/PIL/_avif*.so \
	"$site"/pillow.libs/libavif* "$site"/PIL/_imagingft*.so "$site"/pillow.libs/libharfbuzz* "$site"/pillow.libs/libfreetype* \
	"$site"/pillow.libs/libbrotli* "$site"/pillow.libs/libpng16* "$site"/lxml/objectify*.so "$site"/lxml/html/*.so \
	"$site"/lxml/isoschematron "$site"/lxml/*.pxi "$site"/aiosmtpd/tests \
	"$site"/fontTools/ufoLib "$site"/fontTools/voltLib "$site"/fontTools/mtiLib "$site"/fontTools/merge \
	"$site"/faststream/confluent "$site"/faststream/kafka "$site"/faststream/nats "$site"/faststream/redis "$site"/faststream/mqtt

# Of the world's languages those of the pages, and what Babel falls back to.
find "$site/babel/locale-data" -name '*.dat' ! -name root.dat ! -name 'en.dat' ! -name 'kk*.dat' ! -name 'ru*.dat' -delete

# OpenCV brings an OpenBLAS of 40 MB for what the cascades never compute; Debian's own LAPACK has the same functions.
lapack=$(find /usr/lib -name 'liblapack.so.3' | head -n 1)
if [ -n "$lapack" ]; then
	bundled=$(find "$site/opencv_python_headless.libs" -name 'libopenblas*.so')
	ln -sf "$lapack" "$bundled"
	rm -f "$site"/opencv_python_headless.libs/libgfortran* "$site"/opencv_python_headless.libs/libquadmath*
	for name in libgfortran libquadmath; do
		ln -sf "$(find /usr/lib -name "$name.so.*" -type l | head -n 1)" "$(find "$site/numpy.libs" -name "$name*")"
	done
	OPENBLAS_NUM_THREADS=1 PYTHONPATH=$site python3 -c 'import cv2, numpy; cv2.solve(numpy.linalg.inv(numpy.eye(3)), numpy.ones((3, 1)), flags=cv2.DECOMP_SVD)'
fi

# Others' modules stand there compiled and without their text; OpenCV reads its own text, ours is kept for tracebacks.
python3 -m compileall -q -b --invalidation-mode unchecked-hash "$site"
find "$site" -name '*.py' ! -path '*/cv2/*' -delete
find "$site" -name __pycache__ -prune -exec rm -rf {} +

# Of Debian: character sets beside UTF-8, documentation in modules, apt and perl (dpkg's list of packages stays for scanners).
rm -rf /usr/lib/*/gconv /usr/share/zoneinfo/right /usr/share/zoneinfo/posix /usr/share/perl* /usr/lib/*/perl-base /usr/bin/perl* \
	/usr/bin/apt* /usr/lib/apt /usr/lib/*/libapt* /var/lib/apt /var/cache/apt /etc/apt /var/lib/dpkg/info /usr/lib/*/libgnutls* \
	/usr/lib/*/libp11-kit* /usr/lib/*/libhogweed* /usr/lib/*/libnettle* /usr/lib/*/libdb-5* /usr/lib/*/libext2fs* \
	/usr/bin/gpgv /usr/bin/localedef /usr/bin/iconv /usr/bin/openssl \
	/usr/lib/python3*/pydoc_data /usr/lib/python3*/test /usr/lib/python3*/lib2to3 /usr/lib/python3*/distutils \
	/usr/lib/python3*/turtle*.py /usr/lib/python3*/turtledemo /usr/share/python3 /usr/share/bash-completion
find /usr/lib/python3* -name __pycache__ -prune -exec rm -rf {} +

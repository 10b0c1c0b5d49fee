#!/bin/bash
# Whether this container's process says that it is ready; by the shell alone, as it is asked every few seconds.
exec 3<>"/dev/tcp/127.0.0.1/${KUALIK_HTTP_PORT:-8080}" || exit 1
printf 'GET /ready HTTP/1.0\r\n\r\n' >&3
read -r -t 3 _ code _ <&3
[ "$code" = 200 ]

# Runs a program in a mount namespace of its own: an empty /run whose
# /run/systemd/userdb is a folder of the test, and users, groups, their order of
# look-up and the machine's ID from files of the test. Nothing outside of it changes.
#
# $1: folder with userdb/ and etc/; the rest: the program and its arguments.
set -e
folder=$1
shift
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/systemd/userdb
mount --bind "$folder/userdb" /run/systemd/userdb
for file in passwd group shadow gshadow nsswitch.conf \
  machine-id; do
  if [ -e "/etc/$file" ]; then mount --bind "$folder/etc/$file" "/etc/$file"; fi
done
# Records that administrators and packages have dropped in.
for dropins in /etc/userdb /usr/local/lib/userdb /usr/lib/userdb; do
  if [ -d "$dropins" ]; then mount -t tmpfs -o mode=0755 tmpfs "$dropins"; fi
done
exec "$@"

# A machine of its own for a test, in namespaces: users, a network, an SSH server and sudo. Nobody else sees any of it.
# $1: a folder with `passwd`, `group`, `shadow` (lines to add), `hosts`, `sudoers.d/`, `addresses`. Then commands follow.
set -eu
room=$1

ip link set lo up
while read -r address; do
    ip address add "$address/32" dev lo
done < "$room/addresses"

mount -t tmpfs none /home
mount -t tmpfs none /run
mkdir -m 755 /run/sshd
for file in passwd group shadow; do
    cat "/etc/$file" "$room/$file" > "$room/etc-$file"
    chmod 644 "$room/etc-$file"
    mount --bind "$room/etc-$file" "/etc/$file"
done
printf '127.0.0.1 localhost %s\n' "$(hostname)" >> "$room/hosts"
mount --bind "$room/hosts" /etc/hosts

# What Clear Linux has: the group `wheel` is asked for a password (clearlinux-pkgs/sudo, `sudoers.in`).
printf '%s\n' 'root ALL=(ALL) ALL' '%wheel ALL=(ALL) ALL' '@includedir /etc/sudoers.d' > "$room/sudoers"
chmod 440 "$room/sudoers"
mount --bind "$room/sudoers" /etc/sudoers
mount --bind "$room/sudoers.d" /etc/sudoers.d

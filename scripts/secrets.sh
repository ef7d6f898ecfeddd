#!/bin/sh
# Makes what docker-compose.yml needs once: passwords that only you may read, and your folders; what is there stays.
cd "$(dirname "$0")/.." || exit 1
umask 077

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

mkdir -p secrets files results
[ -s secrets/postgres_password ] || random >secrets/postgres_password
[ -s secrets/dashboard_password ] || random >secrets/dashboard_password
printf 'postgres:5432:regsearch:regsearch:%s\n' "$(cat secrets/postgres_password)" >secrets/pgpass
# Who the containers are: the owner of all this.
grep -qs '^REGSEARCH_USER=' .env || printf 'REGSEARCH_USER=%s:%s\n' "$(id -u)" "$(id -g)" >>.env

echo "The dashboard's password is in secrets/dashboard_password."

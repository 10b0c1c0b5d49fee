"""The whole system in containers, by `docker-compose.yml`: its secrets and keys, its start, a hand on each."""

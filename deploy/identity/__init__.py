"""The embedded OpenID Connect issuer: local accounts for installations that have no identity provider of their own.

After the password it asks for a signature with the officer's key (`second_step.py`) and says so in `acr` and `amr`.
Authorization code with PKCE (S256) and RS256 only, public clients with exact call-back addresses. Whatever speaks
OpenID Connect and gives `preferred_username`, `region` and `roles` can take its place by `KUALIK_ISSUER_URL`.
"""

-- What the engine keeps in every service's schema. Small, hot tables: they are vacuumed early and by count of rows.

-- Every message ever heard, for ninety days: hear it twice, answer it once.
create table {schema}.inbox (
    exchange text collate "C",
    message_id text collate "C",
    sha256 bytea not null,
    at timestamptz not null,
    primary key (exchange, message_id)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
create index inbox_at on {schema}.inbox (at);

-- What was said and is not yet confirmed by the broker.
create table {schema}.outbox (
    id uuid primary key,
    exchange text not null,
    routing_key text not null,
    application_id uuid,
    body bytea not null,
    headers jsonb not null,
    lease_until timestamptz not null,
    attempts integer not null default 0,
    created_at timestamptz not null default clock_timestamp()
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index outbox_lease_until on {schema}.outbox (lease_until);

-- Messages to oneself: asks, waits, timers, failures. `token` is the lease of whoever works on the row.
create table {schema}.due (
    id uuid primary key,
    application_id uuid not null,
    name text not null,
    body bytea not null,
    headers jsonb not null,
    due_at timestamptz not null,
    clock text not null check (clock in ('business', 'machine')),
    since timestamptz not null,
    attempts integer not null default 0,
    failures integer not null default 0,
    token uuid,
    lease_until timestamptz,
    waits_for text not null default ''
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index due_when on {schema}.due (clock, due_at);
create index due_application on {schema}.due (application_id);
create index due_waits_for on {schema}.due (waits_for) where waits_for <> '';

-- Unique keys and which application holds each.
create table {schema}.claim (
    key text collate "C" primary key,
    owner uuid
) with (fillfactor = 80);

-- Each run of the service; one without an end did not stop cleanly.
create table {schema}.incarnation (
    id uuid primary key,
    number bigint generated always as identity,
    started_at timestamptz not null,
    ended_at timestamptz
);

-- The last link of each chained log.
create table {schema}.head (
    log text primary key,
    seq bigint not null default 0,
    hash bytea not null default decode(repeat('00', 32), 'hex')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Which of the steps S1…S19 each application has taken or passed over, with the reason (p.9).
create table {schema}.step (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "step" text not null,
    "result" text not null,
    "reason" text not null
);
create index step_application_id on {schema}.step (application_id);
revoke update, delete, truncate on {schema}.step from {schema};

-- Who did what, when, from where, with what result (order p.4.1). Each row carries the hash of the one before.
create table {schema}.audit (
    "seq" bigint primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "who" text not null,
    "where" text not null,
    "what" text not null,
    "result" text not null,
    "prev" bytea not null,
    "hash" bytea not null
);
create index audit_application_id on {schema}.audit (application_id);
revoke update, delete, truncate on {schema}.audit from {schema};
insert into {schema}.head (log) values ('audit');

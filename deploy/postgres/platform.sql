-- What all services share: the business clock and what is known of the outside systems. All times are business time.

create table platform.clock (
    only_row boolean primary key default true check (only_row),
    offset_seconds double precision not null default 0
);
insert into platform.clock default values;

create table platform.dependency (
    name text primary key,
    failing_since timestamptz,
    last_success timestamptz,
    last_try timestamptz,
    switched_off boolean not null default false
);

grant usage on schema platform to kualik_service;
grant select on all tables in schema platform to kualik_service;
grant insert, update on platform.dependency to kualik_service;
